"""The service on a port of this machine, in the foreground or beside a test."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from fabric.redfish_simulator.web import Reply, Request, Scope, application

LOOPBACK = "127.0.0.1"
STARTING_SECONDS_MAX = 10.0
STOPPING_SECONDS_MAX = 1  # open event streams are cut then


class _Droppable(HttpToolsProtocol):  # type: ignore[misc, unused-ignore]
    """Lets the application cut a connection without a reply, which ASGI has no word for."""

    transports: dict[Any, Any]

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.transports[tuple(self.client or ())] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.transports.pop(tuple(self.client or ()), None)
        super().connection_lost(exc)


def listener(port: int) -> socket.socket:
    """On loopback only: whoever reaches the knobs may do anything to the fabric. Port 0 is any free one."""
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((LOOPBACK, port))
    except OSError:
        opened.close()
        raise
    return opened


def server(answer: Callable[[Request], Reply]) -> uvicorn.Server:
    transports: dict[Any, Any] = {}
    protocol = type("Droppable", (_Droppable,), {"transports": transports})

    def cut(scope: Scope) -> None:
        if (transport := transports.get(tuple(scope["client"] or ()))) is not None:
            transport.abort()

    config = uvicorn.Config(
        application(answer, cut=cut),
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=STOPPING_SECONDS_MAX,
    )
    return uvicorn.Server(config)


@contextmanager
def running(answer: Callable[[Request], Reply]) -> Iterator[str]:
    """The address of a service that runs in a thread of this process until the end."""
    with listener(0) as opened:
        one = server(answer)
        thread = threading.Thread(target=one.run, kwargs={"sockets": [opened]}, daemon=True)
        opened.listen()
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{opened.getsockname()[1]}"
        finally:
            one.should_exit = True
            thread.join(STARTING_SECONDS_MAX)
