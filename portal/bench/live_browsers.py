"""Many cheap browsers in one thread: raw sockets that read WebSocket frames, and remember all they were told."""

import base64
import os
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

SECONDS_MAX = 60.0
QUIET_SECONDS = 0.2  # then nothing more is on its way
READ_BYTES = 65_536
TEXT, PING = 0x1, 0x9
_FINAL, _LENGTH, _TWO_BYTES, _EIGHT_BYTES = 0x80, 0x7F, 126, 127
_PONG_HEADER = bytes((_FINAL | 0xA, _FINAL))  # a mask of zeros follows and changes nothing


@dataclass(eq=False)
class Browser:
    """One socket that was shaken hands with, and the texts it was sent, in their order."""

    socket: socket.socket
    rest: bytearray = field(default_factory=bytearray)
    heard: list[bytes] = field(default_factory=list)

    def read(self) -> list[bytes]:
        """The texts that came; pings are answered. Raises ConnectionError when the other end closed."""
        came = self.socket.recv(READ_BYTES)
        if not came:
            raise ConnectionError("a browser was sent away")
        self.rest += came
        texts = []
        for kind, payload in frames_of(self.rest):
            if kind == TEXT:
                texts.append(payload)
            elif kind == PING:
                self.socket.sendall(bytes((_PONG_HEADER[0], _FINAL | len(payload))) + bytes(4) + payload)
        self.heard += texts
        return texts


def frames_of(rest: bytearray) -> Iterator[tuple[int, bytes]]:
    """Whole frames, which are taken off the front; a server's are unmasked and, here, never in parts."""
    while len(rest) >= 2:
        length, begin = rest[1] & _LENGTH, 2
        if length in (_TWO_BYTES, _EIGHT_BYTES):
            begin = 4 if length == _TWO_BYTES else 10
            length = int.from_bytes(rest[2:begin], "big")
        if len(rest) < begin + length:
            return
        kind, payload = rest[0] & 0x0F, bytes(rest[begin : begin + length])
        del rest[: begin + length]
        yield kind, payload


class Crowd:
    """The browsers of one server."""

    def __init__(self) -> None:
        self.browsers: list[Browser] = []
        self._selector = selectors.DefaultSelector()

    def join(self, browser: Browser) -> None:
        """And look after the others, whose servers ask now and then whether they are still there."""
        self.browsers.append(browser)
        self._selector.register(browser.socket, selectors.EVENT_READ, browser)
        self._read(0)

    def wait_for(self, text: bytes, *, since: float) -> tuple[float, ...]:
        """Seconds until each had it. Raises TimeoutError when somebody was not told."""
        waiting, took = set(self.browsers), []
        deadline = time.perf_counter() + SECONDS_MAX
        while waiting:
            for key, _ in self._selector.select(SECONDS_MAX):
                browser: Browser = key.data
                if text in browser.read() and browser in waiting:
                    took.append(time.perf_counter() - since)
                    waiting.discard(browser)
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{len(waiting)} of {len(self.browsers)} browsers were never told")
        return tuple(took)

    def catch_up(self) -> None:
        """Read what else was sent, until nothing comes."""
        while self._read(QUIET_SECONDS):
            pass

    def _read(self, seconds: float) -> bool:
        ready = self._selector.select(seconds)
        for key, _ in ready:
            key.data.read()
        return bool(ready)

    def close(self) -> None:
        self._selector.close()
        for browser in self.browsers:
            browser.socket.close()


def opened(*, port: int, path: str, cookie: str = "") -> Browser:
    """Shake hands as a page of this server would. Raises ConnectionError when refused."""
    there = socket.create_connection(("127.0.0.1", port), timeout=SECONDS_MAX)
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Origin: http://127.0.0.1:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
        *([f"Cookie: {cookie}"] if cookie else []),
    ]
    there.sendall("\r\n".join([*lines, "", ""]).encode())
    answer = bytearray()
    while b"\r\n\r\n" not in answer:
        came = there.recv(READ_BYTES)
        if not came:
            break
        answer += came
    head, _, rest = bytes(answer).partition(b"\r\n\r\n")
    if b" 101 " not in head.partition(b"\r\n")[0]:
        there.close()
        raise ConnectionError(f"refused: {head[:80]!r}")
    return Browser(there, rest=bytearray(rest))
