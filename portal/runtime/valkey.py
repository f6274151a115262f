"""Our own Valkey: private Unix socket, no TCP, nothing kept on disk, for the truth is in the database."""

from collections.abc import Mapping
from pathlib import Path

import redis

from portal.runtime import paths, providers
from portal.runtime.child import Child

PROBE_SECONDS = 2


def prepare(*, data: Path, env: Mapping[str, str], log: Path | None = None) -> Child:
    """Describe the server. Raises providers.NotFound."""
    return Child(
        name="valkey",
        command=[
            str(providers.valkey()), "--port", "0", "--unixsocket", str(_socket(data)), "--unixsocketperm", "700",
            "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--daemonize", "no",
            "--dir", str(paths.socket_dir(data)),
        ],
        is_ready=lambda: _answers(url(data=data)),
        env=env,
        log=log,
    )  # fmt: skip


def url(*, data: Path) -> str:
    return f"unix://{_socket(data)}?db=0"


def _socket(data: Path) -> Path:
    return paths.socket_dir(data) / "valkey.sock"


def _answers(at: str) -> bool:
    client = redis.Redis.from_url(at, socket_timeout=PROBE_SECONDS, socket_connect_timeout=PROBE_SECONDS)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
