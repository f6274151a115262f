"""The client for ordinary programs."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx

from heddle import bells, calls, carrying, flows
from heddle.calls import Call
from heddle.flows import FINAL, Flow, Pause, Retries
from heddle.shapes import Event, Page, Reservation

P = ParamSpec("P")
T = TypeVar("T")


def _sending(make: Callable[P, Call[T]]) -> Callable[Concatenate["Heddle", P], T]:
    def method(self: "Heddle", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.send(make(*args, **kwargs))

    method.__name__, method.__doc__ = make.__name__, make.__doc__
    return method


def _listing(make: Callable[P, Call[Page[T]]]) -> Callable[Concatenate["Heddle", P], Iterator[T]]:
    def method(self: "Heddle", /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        return self.each(make(*args, **kwargs))

    method.__name__, method.__doc__ = make.__name__, make.__doc__
    return method


class Heddle:
    """One portal and one token. Use it as a context manager, or call `close`.

    Methods that list things give them one by one and fetch further pages as they are needed.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        retries: Retries | None = None,
        read_seconds: float = carrying.READ_SECONDS_MAX,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = httpx.Client(transport=transport, **carrying.settings(url=url, token=token))
        self._read_seconds = read_seconds
        self._retries = retries or Retries(chance=random.random)
        self._clock, self._sleep = clock, sleep
        self._bell = _Bell(url, token, clock=clock, sleep=sleep)

    pools = _listing(calls.pools)
    pool = _sending(calls.pool)
    device_classes = _listing(calls.device_classes)
    hosts = _listing(calls.hosts)
    blocks = _listing(calls.blocks)
    maintenance = _listing(calls.maintenance)
    availability = _sending(calls.availability)
    projects = _listing(calls.projects)
    quota = _sending(calls.quota)
    usage = _listing(calls.usage)
    usage_csv = _sending(calls.usage_csv)
    quote = _sending(calls.quote_for)
    slots = _sending(calls.slots)
    book = _sending(calls.book)
    reservations = _listing(calls.reservations)
    reservation = _sending(calls.reservation)
    confirm = _sending(calls.confirm)
    cancel = _sending(calls.cancel)
    release = _sending(calls.release)
    extend = _sending(calls.extend)
    resize = _sending(calls.resize)
    check_in = _sending(calls.check_in)
    swap = _sending(calls.swap)
    shorten = _sending(calls.shorten)
    move = _sending(calls.move)
    auto_extend = _sending(calls.auto_extend)
    elastic = _sending(calls.elastic)
    hand_over = _sending(calls.hand_over)
    approvals = _listing(calls.approvals)
    approve = _sending(calls.approve)
    reject = _sending(calls.reject)
    waitlist = _listing(calls.waitlist)
    alerts = _listing(calls.alerts)
    make_alert = _sending(calls.make_alert)
    remove_alert = _sending(calls.remove_alert)
    series = _listing(calls.series)
    one_series = _sending(calls.one_series)
    make_series = _sending(calls.make_series)
    end_series = _sending(calls.end_series)
    rates = _sending(calls.rates)
    events = _listing(calls.events)
    events_of = _listing(calls.events_of)
    tokens = _listing(calls.tokens)
    make_token = _sending(calls.make_token)
    revoke_token = _sending(calls.revoke_token)

    def send(self, call: Call[T]) -> T:
        """Carry out any call. Raises a HeddleError."""
        return self._run(flows.attempting(call, retries=self._retries))

    def each(self, call: Call[Page[T]]) -> Iterator[T]:
        """The rows of a list, page by page."""
        page_call: Call[Page[T]] | None = call
        while page_call is not None:
            page = self.send(page_call)
            yield from page["results"]
            page_call = calls.following(page_call, page)

    def wait(self, code: str, *, state: str = "active", seconds: float | None = None) -> Reservation:
        """Until it is in the state. Raises Missed when it cannot come there any more, TimedOut after `seconds`."""
        return self._run(flows.waiting(code, state=state, seconds=seconds, retries=self._retries, clock=self._clock))

    def follow(self, *, after: int = 0, code: str | None = None, patience: float = 30.0) -> Iterator[Event]:
        """Journal entries after the one you have, and then each as it happens, for ever; of one reservation or all."""
        while True:
            entries = self.events(after=after) if code is None else self.events_of(code, after=after)
            for entry in entries:
                after = entry["id"]
                yield entry
            self._bell.wait(patience, after=after, code=code)

    def changes(self, code: str, *, patience: float = 5.0) -> Iterator[Reservation]:
        """The reservation as it is, and again whenever it may have changed, until it is over."""
        while True:
            found = self.reservation(code)
            yield found
            if found["state"] in FINAL:
                return
            last = found["timeline"][-1]["id"] if found["timeline"] else 0
            self._bell.wait(patience, after=last, code=code)

    def close(self) -> None:
        self._bell.close()
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, flow: Flow[T]) -> T:
        step = next(flow)
        while True:
            try:
                step = flow.send(self._carry_out(step))
            except StopIteration as end:
                answer: T = end.value
                return answer

    def _carry_out(self, step: Call[Any] | Pause) -> flows.Reply | None:
        if isinstance(step, Pause):
            self._sleep(step.seconds)
            return None
        options = carrying.options(step, read_seconds=self._read_seconds)
        try:
            return carrying.reply_of(self._http.request(step.method, step.path, **options))
        except httpx.HTTPError as error:
            return carrying.no_reply(step, error)


class _Bell:
    """The socket while there is one, else a pause."""

    def __init__(self, url: str, token: str, *, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._url, self._token = url, token
        self._clock, self._sleep = clock, sleep
        self._socket: Any = None
        self._not_before = 0.0

    def wait(self, seconds: float, *, after: int, code: str | None) -> None:
        """Until there may be news of the reservation, or of anything; at most so long."""
        if self._socket is None and self._clock() >= self._not_before:
            self._open(after)
        if self._socket is None:
            self._sleep(min(seconds, bells.LOOK_EVERY_SECONDS))
            return
        until = self._clock() + seconds
        try:
            while (left := until - self._clock()) > 0 and not bells.rings(self._frames(left), code=code):
                pass
        except Exception:  # however it broke: look, and open another
            self.close()

    def close(self) -> None:
        if self._socket is not None:
            with suppress(Exception):
                self._socket.close()
            self._socket = None

    def _open(self, after: int) -> None:
        self._not_before = self._clock() + bells.TRY_AGAIN_SECONDS
        try:
            from websockets.sync.client import connect

            self._socket = connect(bells.address(self._url, after=after), **bells.options(self._url, token=self._token))
        except Exception:  # not installed, refused, no route: the clock will do
            self._socket = None

    def _frames(self, seconds: float) -> list[str | bytes]:
        """What came within so long, and what else is there by then."""
        found: list[str | bytes] = []
        with suppress(TimeoutError):
            found.append(self._socket.recv(timeout=seconds))
            while True:
                found.append(self._socket.recv(timeout=0))
        return found
