"""PostgreSQL and Valkey together, as a command or a test session needs them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.runtime import paths, postgres, valkey
from portal.runtime.child import Child


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the servers are, in the words of the environment variables."""

    database_url: str
    redis_url: str

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}


def addresses(*, data: Path) -> Addresses:
    """The given servers, and for one that is not given the place where ours will be."""
    return Addresses(
        database_url=os.environ.get("DATABASE_URL") or postgres.url(data=data),
        redis_url=os.environ.get("REDIS_URL") or valkey.url(data=data),
    )


def are_given() -> bool:
    return bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


def ours(*, data: Path, log: Path | None) -> list[Child]:
    """The servers that nobody gave us, in starting order."""
    children = []
    if not os.environ.get("DATABASE_URL"):
        children.append(postgres.prepare(data=data, log=log and log / "postgres.log"))
    if not os.environ.get("REDIS_URL"):
        children.append(valkey.prepare(data=data, env=dict(os.environ), log=log and log / "valkey.log"))
    return children


@contextmanager
def running(*, data: Path) -> Iterator[Addresses]:
    """Start what nobody gave us, for the duration of a block."""
    started: list[Child] = []
    try:
        for child in ours(data=data, log=data / "log"):
            started.append(child)
            child.start()
            child.wait_until_ready()
            if child.name == "postgres":
                postgres.create_database(data=data)
        yield addresses(data=data)
    finally:
        for child in reversed(started):
            child.stop()
        tidy(data=data)


def tidy(*, data: Path) -> None:
    """Remove the folders of the sockets, once the servers are stopped."""
    for place in {paths.socket_dir(data), postgres.sockets(data=data)}:
        shutil.rmtree(place, ignore_errors=True)
