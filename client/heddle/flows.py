"""What is done one after the other, without doing it: generators that say *send this* or *pause so long*.

Both clients carry out the same flows, so what may be tried again, and when, is decided in one place. No clock and no
chance of its own: both are given.
"""

import math
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from heddle import calls
from heddle.calls import Call
from heddle.problems import ConnectionFailed, HeddleError, Missed, Problem, TimedOut, problem_of
from heddle.shapes import Reservation

POLL_SECONDS = 50  # of one long poll: less than proxies are patient for
POLLS_APART_SECONDS = 1.0  # at least, where a site answers sooner than it was asked to
WAIT_TRIES_MAX = 10  # a wait outlives a restart of the portal
AGAIN_IF_IT_SAYS_WHEN = frozenset({409, 429, 503})
AGAIN_ANYWAY = frozenset({502, 503, 504})
THROTTLED = 429
ERRORS_FROM = 300

STAGES = {  # every move of a reservation leads to a later stage
    "waitlisted": 0,
    "held": 1,
    "pending_approval": 2,
    "confirmed": 3,
    "composing": 4,
    "active": 5,
    "releasing": 6,
    "ended": 7,
    "cancelled": 7,
    "expired": 7,
    "rejected": 7,
    "failed": 7,
}
FINAL = frozenset(state for state, stage in STAGES.items() if stage == max(STAGES.values()))

T = TypeVar("T")


@dataclass(frozen=True)
class Pause:
    seconds: float


@dataclass(frozen=True)
class Reply:
    """What came of one sending. `why` says why it is no answer; status 0 is that nothing came at all."""

    status: int
    body: Any = None
    headers: Mapping[str, str] | None = None
    why: str = ""


Flow = Generator[Call[Any] | Pause, Reply | None, T]


@dataclass(frozen=True, kw_only=True)
class Retries:
    """How often and how patiently a call is sent again. `chance` gives numbers from 0 to 1."""

    chance: Callable[[], float]
    tries_max: int = 5
    pause_seconds_first: float = 0.25
    pause_seconds_max: float = 8.0
    retry_after_seconds_max: float = 60.0

    def pause(self, trouble: HeddleError, *, tries: int, is_repeatable: bool) -> float | None:
        """Seconds until the next try; None: raise it. A call that was throttled was not begun, whatever it is."""
        status = trouble.status if isinstance(trouble, Problem) else 0
        after = trouble.retry_after if isinstance(trouble, Problem) else None
        if tries >= self.tries_max or not (is_repeatable or status == THROTTLED):
            return None
        if after is not None and status in AGAIN_IF_IT_SAYS_WHEN:
            return after if after <= self.retry_after_seconds_max else None
        if isinstance(trouble, ConnectionFailed) or status in AGAIN_ANYWAY or status == THROTTLED:
            longest = min(self.pause_seconds_first * 2.0 ** (tries - 1), self.pause_seconds_max)
            return longest * (1 + self.chance()) / 2
        return None


def attempting(call: Call[T], *, retries: Retries) -> Flow[T]:
    """Send it, and again where that is safe and may help. Raises what the last try came to."""
    tries = 0
    while True:
        reply = yield call
        assert reply is not None
        tries += 1
        if 0 < reply.status < ERRORS_FROM and not reply.why:
            answer: T = reply.body
            return answer
        trouble = _trouble(reply)
        seconds = retries.pause(trouble, tries=tries, is_repeatable=call.is_repeatable)
        if seconds is None:
            raise trouble
        yield Pause(seconds)


def waiting(
    code: str, *, state: str, seconds: float | None, retries: Retries, clock: Callable[[], float]
) -> Flow[Reservation]:
    """As many long polls as it takes. Raises Missed, or TimedOut after `seconds` (None: never)."""
    patient = replace(retries, tries_max=max(retries.tries_max, WAIT_TRIES_MAX))
    until = math.inf if seconds is None else clock() + seconds
    while True:
        began = clock()
        asked = math.ceil(max(0.0, min(POLL_SECONDS, until - began)))
        found = yield from attempting(calls.wait_once(code, state=state, seconds=asked), retries=patient)
        if found["state"] == state:
            return found
        if is_missed(wanted=state, state=found["state"]):
            raise Missed(found, wanted=state)
        if clock() >= until:
            raise TimedOut(found, wanted=state)
        yield Pause(max(0.0, min(began + POLLS_APART_SECONDS, until) - clock()))


def is_missed(*, wanted: str, state: str) -> bool:
    """Whether it cannot come into the state any more. Of a state unknown here nobody can say."""
    return wanted != state and STAGES.get(state, -1) >= STAGES.get(wanted, max(STAGES.values()))


def _trouble(reply: Reply) -> HeddleError:
    if reply.status == 0:
        return ConnectionFailed(reply.why)
    document = reply.body or {"detail": reply.why}
    return problem_of(status=reply.status, document=document, retry_after=_retry_after(reply.headers or {}))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """In seconds; a date, which the portal never sends, is left to the back-off."""
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None
