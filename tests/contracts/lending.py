"""Servers in threads of the test session, lent to one test after the other: starting one takes longer than a test."""

import atexit
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from fabric.redfish_simulator.server import running
from fabric.redfish_simulator.web import Reply, Request


@contextmanager
def lent(answer: Callable[[Request], Reply]) -> Iterator[str]:
    """The address where `answer` answers, until the end."""
    server = IDLE.pop() if IDLE else Server()
    server.answer = answer
    yield server.url
    IDLE.append(server)


class Server:
    """One that answers as whoever has borrowed it wants."""

    answer: Callable[[Request], Reply]

    def __init__(self) -> None:
        until_exit = ExitStack()
        self.url = until_exit.enter_context(running(lambda request: self.answer(request)))
        atexit.register(until_exit.close)


IDLE: list[Server] = []
