"""Several clients at once from one thread: each sends the same request again as soon as it has its answer."""

import selectors
import socket
import time
from collections.abc import Mapping

from portal.bench.serving import SECONDS_MAX

READ_BYTES = 262_144
_LENGTH = b"\r\ncontent-length:"


def request(*, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """As it goes over the wire: a POST where there is a body."""
    lines = [f"{'POST' if body else 'GET'} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "Content-Type: application/json"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body


def load(*, port: int, wanted: bytes, clients: int, calls: int) -> tuple[float, tuple[float, ...]]:
    """Seconds of the whole, and of every call. Raises AssertionError at an answer that is no 2xx."""
    found: list[float] = []
    with selectors.DefaultSelector() as waiting:
        callers = [_Caller(port) for _ in range(clients)]
        try:
            for caller in callers:
                waiting.register(caller.socket, selectors.EVENT_READ, caller)
            began = time.perf_counter()
            for caller in callers:
                caller.ask(wanted)
            while len(found) < calls:
                for key, _ in waiting.select(SECONDS_MAX):
                    if key.data.has_answer():
                        found.append(time.perf_counter() - key.data.asked_at)
                        key.data.ask(wanted)
            took = time.perf_counter() - began
            _finish(waiting, len(callers))
        finally:
            for caller in callers:
                caller.close()
    return took, tuple(found[:calls])


class _Caller:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS_MAX)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.asked_at = 0.0
        self._heard = bytearray()

    def ask(self, wanted: bytes) -> None:
        self._heard.clear()
        self.asked_at = time.perf_counter()
        self.socket.sendall(wanted)

    def has_answer(self) -> bool:
        came = self.socket.recv(READ_BYTES)
        assert came, f"hung up: {bytes(self._heard[:200])!r}"
        self._heard += came
        head, end, rest = self._heard.partition(b"\r\n\r\n")
        if not end:
            return False
        assert head[9:10] == b"2", bytes(self._heard[:500])
        return len(rest) >= _length_of(bytes(head))

    def close(self) -> None:
        self.socket.close()


def _length_of(head: bytes) -> int:
    _, found, rest = head.lower().partition(_LENGTH)
    assert found, f"an answer without a length: {head!r}"
    return int(rest.partition(b"\r\n")[0])


def _finish(waiting: selectors.BaseSelector, open_ones: int) -> None:
    """Hear the last answers, so that no server is left in the middle of one."""
    while open_ones:
        open_ones -= sum(key.data.has_answer() for key, _ in waiting.select(SECONDS_MAX))
