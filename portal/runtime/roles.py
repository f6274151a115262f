"""The three processes that make a site: web, worker and beat. Each needs nothing but the servers."""

import argparse
import ctypes
import gc
import os
import signal
import socket
import sys

from portal.runtime import claim, launcher, paths, servers
from portal.runtime.trouble import Trouble

CONNECTIONS = {"web": 16, "worker": 6, "beat": 0}
"""Database connections that the threads of a role share; 0 gives each thread its own."""
FRAME_BYTES_MAX = 16_384  # a browser has next to nothing to say to us
GRACEFUL_SECONDS = 5
WORKER_DEFAULTS = (
    "--pool=threads", "--concurrency=4", "--queues=fabric,default,notify", "--hostname=worker@%h", "--loglevel=info",
    "--without-mingle", "--without-gossip",
)  # fmt: skip


def main(*, command: str, arguments: list[str]) -> int:
    os.environ["HEDDLE_ROLE"] = command
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ.setdefault("HEDDLE_DB_CONNECTIONS", str(_connections(command, arguments)))
    _find_servers()
    import django

    django.setup()
    return {"web": _web, "worker": _worker, "beat": _beat}[command](arguments)


def _connections(role: str, arguments: list[str]) -> int:
    """A worker that forks must not share connections with its children."""
    forks = role == "worker" and "prefork" in " ".join(arguments)
    return 0 if forks else CONNECTIONS[role]


def _find_servers() -> None:
    if servers.are_given():
        return
    found = claim.running(data=paths.data_dir())
    if found is None:
        raise Trouble("Set DATABASE_URL and REDIS_URL, or start `manage.py up` on this data first (see --data-dir).")
    os.environ.update(DATABASE_URL=found.database_url, REDIS_URL=found.redis_url)
    if found.url:
        os.environ.setdefault("HEDDLE_BASE_URL", found.url)


def _web(arguments: list[str]) -> int:
    import uvicorn

    parser = argparse.ArgumentParser(prog="manage.py web")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args(arguments)
    config = uvicorn.Config(
        "portal.asgi:application",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        proxy_headers=True,
        forwarded_allow_ips=os.environ.get("HEDDLE_TRUSTED_PROXIES", "127.0.0.1"),
        ws="websockets-sansio",
        ws_max_size=FRAME_BYTES_MAX,
        ws_per_message_deflate=False,  # frames of 80 bytes gain nothing, and every socket would keep its dictionaries
        host=options.host,
        port=options.port,
    )
    given = os.environ.get("HEDDLE_LISTEN_FD")
    server = uvicorn.Server(config)
    config.load()
    gc.freeze()  # what is loaded now stays: it need not be looked through in the middle of telling a thousand browsers
    server.run(sockets=[socket.socket(fileno=int(given))] if given else None)
    return 0 if server.started else 1


def _worker(arguments: list[str]) -> int:
    from celery.signals import worker_process_init, worker_ready

    from portal.celery import app

    worker_ready.connect(_tell_ready, weak=False)
    worker_process_init.connect(_die_with_worker, weak=False)
    app.worker_main(["worker", *WORKER_DEFAULTS, *arguments])
    return 0


def _beat(arguments: list[str]) -> int:
    from scheduler import beat

    if arguments:
        raise Trouble("beat takes no arguments")
    _tell_ready()
    beat.main()
    return 0


def _tell_ready(**_: object) -> None:
    """Let the supervisor know, if there is one, through the pipe it gave us."""
    if given := os.environ.get("HEDDLE_READY_FD"):
        os.write(int(given), b"!")


def _die_with_worker(**_: object) -> None:
    """Children of a forking worker end with it, however it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(launcher.PR_SET_PDEATHSIG, signal.SIGKILL)
