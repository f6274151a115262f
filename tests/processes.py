"""Real role processes beside a test, on the test's own database."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlencode

from django.db import connection

from portal.runtime import crew
from portal.runtime.child import Child
from tests import forked


@dataclass(kw_only=True)
class Role:
    """One running process, and for web the address it answers at."""

    child: Child
    url: str
    listener: socket.socket | None

    @classmethod
    def start(cls, *, name: str, log: Path, environment: Mapping[str, str]) -> "Role":
        """Return when it is ready."""
        listener = _listener() if name == "web" else None
        url = f"http://127.0.0.1:{listener.getsockname()[1]}" if listener else ""
        own = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", "DATABASE_URL": own_database_url()}
        own |= {
            "HEDDLE_NO_BOOTSTRAP": "1",
            "C_FORCE_ROOT": "1",
            "HEDDLE_BASE_URL": url or "http://127.0.0.1:8000",
            **environment,
        }
        child = crew.role(name=name, environment=own, listener=listener, log=log.parent)
        role = cls(child=child, url=url, listener=listener)
        forked.start(child)
        try:
            child.wait_until_ready()
        except Exception:
            role.stop()
            raise
        return role

    def kill(self) -> None:
        """kill -9, and wait until the kernel has done it."""
        if self.child.process is not None:
            self.child.process.kill()
            self.child.process.wait()

    def stop(self) -> None:
        self.child.stop()
        if self.listener is not None:
            self.listener.close()


class Spawn(Protocol):
    def __call__(self, name: str, **environment: str) -> Role: ...


def own_database_url() -> str:
    """The database of this test session, in the words of DATABASE_URL."""
    at = connection.settings_dict
    options = {"host": at["HOST"], **({"port": at["PORT"]} if at["PORT"] else {})}
    who = quote(at["USER"]) + (f":{quote(at['PASSWORD'])}" if at["PASSWORD"] else "")
    return f"postgresql://{who}@/{quote(at['NAME'])}?{urlencode(options)}"


def _listener() -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(crew.BACKLOG)
    return listener
