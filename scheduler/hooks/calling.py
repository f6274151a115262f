"""One call to an address: resolved once, judged, and made to that very address within one deadline.

No redirect is followed, no proxy of the environment is asked, and nothing of the answer but its status is kept: a
webhook cannot be used to read what only this machine can reach.
"""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

import httpcore

from fabric.drivers.trust import trusted
from scheduler import limits
from scheduler.hooks.guard import Address, Network, port_of, problem_of, why_not

OUR_HEADERS = {"Content-Type": "application/json", "User-Agent": "Heddle-Webhooks/1", "Connection": "close"}
ANSWER_BYTES_MAX = 16_384  # read so that the other side can finish; the rest is hung up on
GONE = 410
ERROR_CHARS_MAX = 300
NOWHERE = "Its name was not found, or leads to where only an operator can allow calls."
"""One and the same for both: else whoever makes webhooks could ask for the names inside the house. The log has more."""
_log = logging.getLogger(__name__)

Resolve = Callable[[str, int], Sequence[Address]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` None: no answer came, and `error` says why, for the people of the project."""

    status: int | None
    milliseconds: int
    error: str = ""

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class NoCall(Exception):
    """Why nothing was sent, in words."""


def resolved(host: str, port: int) -> list[Address]:
    """As this machine's resolver has it: every way to write an address ends here. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(one[4][0]) for one in found))


def call(
    *,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    allowed: Sequence[Network],
    seconds: float = limits.WEBHOOK_SECONDS_MAX,
    resolve: Resolve = resolved,
    trust: ssl.SSLContext | None = None,
) -> Outcome:
    """POST it. Never raises for what the other side does; at most `seconds` altogether, the name's look-up included."""
    began = time.monotonic()
    status, error = None, ""
    try:
        addresses = _judged(url, allowed, resolve, seconds)
        status = _posted(url, headers, body, _Pinned(addresses, until=began + seconds), trust or trusted())
    except NoCall as problem:
        error = str(problem)
    except httpcore.TimeoutException:
        error = f"No answer within {seconds:g} s."
    except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError) as problem:
        error = _words(problem)
    return Outcome(status, round((time.monotonic() - began) * 1000), error[:ERROR_CHARS_MAX])


def _judged(url: str, allowed: Sequence[Network], resolve: Resolve, seconds: float) -> Sequence[Address]:
    """Every address of the name must be one that may be called: a name that mixes them is up to something."""
    if problem := problem_of(url, allowed=allowed):
        raise NoCall(problem)
    parts = urlsplit(url)
    host, port = parts.hostname or "", port_of(parts)
    addresses = _in_time(lambda: resolve(host, port), seconds)
    for address in addresses:
        if what := why_not(address=address, allowed=allowed):
            _log.info("no webhook is sent to %s: it is at %s, which is %s", host, address, what)
            raise NoCall(NOWHERE)
    if not addresses:
        raise NoCall(NOWHERE)
    return addresses


def _in_time(ask: Callable[[], Sequence[Address]], seconds: float) -> Sequence[Address]:
    """The system's resolver knows no deadline: it is asked in a thread that nobody waits for longer."""
    found: SimpleQueue[Sequence[Address] | OSError] = SimpleQueue()

    def look_up() -> None:
        try:
            found.put(ask())
        except (OSError, ValueError) as error:  # ValueError: a label that is no name
            found.put(OSError(str(error)))

    threading.Thread(target=look_up, daemon=True, name="resolve").start()
    try:
        answer = found.get(timeout=seconds)
    except Empty:
        raise NoCall("Its name could not be looked up in time.") from None
    if isinstance(answer, OSError):
        raise NoCall(NOWHERE)
    return answer


def _posted(url: str, headers: Mapping[str, str], body: bytes, network: "_Pinned", trust: ssl.SSLContext) -> int:
    sent = list({**OUR_HEADERS, **headers}.items())
    with (
        httpcore.ConnectionPool(ssl_context=trust, network_backend=network, retries=0) as pool,
        pool.stream("POST", url, headers=sent, content=body) as answer,
    ):
        with suppress(httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):  # it has answered
            _read_some(answer)
        return int(answer.status)


def _read_some(answer: httpcore.Response) -> None:
    count = 0
    for part in answer.iter_stream():
        count += len(part)
        if count >= ANSWER_BYTES_MAX:
            return


class _Pinned(httpcore.NetworkBackend):
    """Connects to the addresses that were judged, whatever name the call is for; TLS and Host keep the name."""

    def __init__(self, addresses: Sequence[Address], *, until: float) -> None:
        self._addresses, self._until = addresses, until
        self._system = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        for address in self._addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self._connected(address, port, share=len(self._addresses))
        return self._connected(self._addresses[-1], port, share=1)

    def _connected(self, address: Address, port: int, *, share: int) -> httpcore.NetworkStream:
        stream = self._system.connect_tcp(str(address), port, timeout=_left(self._until) / share)
        return _Bounded(stream, until=self._until)


class _Bounded(httpcore.NetworkStream):
    """A stream that as a whole ends in time, however slowly its bytes drip."""

    def __init__(self, stream: httpcore.NetworkStream, *, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=_left(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=_left(self._until))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, timeout=_left(self._until))
        return _Bounded(inner, until=self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(until: float) -> float:
    """Raises httpcore.ReadTimeout when there is none."""
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the whole call took too long")
    return left


def _words(problem: Exception) -> str:
    """What it was, without addresses or bytes of the other side."""
    cause: BaseException | None = problem
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"Its certificate is not valid: {cause.verify_message}."
    if isinstance(cause, ssl.SSLError):
        return "No encrypted connection could be made."
    if isinstance(problem, httpcore.ConnectError):
        return "It could not be connected to."
    if isinstance(problem, httpcore.ProtocolError):
        return "It does not speak HTTP."
    return "The connection broke before an answer came."
