"""Who uses what they have: agents tell of devices that stand still, and people wake up, say so, or let it go.

Of most reservations nobody tells anything, which means nothing; of some an agent does, as often as the contract asks.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from fabric.models import Attachment
from scheduler.models import Reservation
from scheduler.services._idling import look_for_idle
from scheduler.services.check_in import check_in
from scheduler.services.telemetry import keep_samples
from scheduler.states import ReservationState
from scheduler.telemetry_parsing import parse_telemetry
from tests.simulation.month_world import IDLE

if TYPE_CHECKING:
    from tests.simulation.month_people import People

MINUTE = timedelta(minutes=1)
EVERY = timedelta(minutes=10)
LOOKS_MAX = 8
LONG = timedelta(hours=2)  # what is shorter has no time to be idle
SHOWS_UP_SHARE, BUSY_SHARE = 0.92, 0.1
IDLE_SHARE, IDLE_SHARE_OF_MANY = 0.08, 0.8
BUSY, STILL = 90, 0  # percent


class Fate(StrEnum):
    """What its people do once they are told."""

    LETS_GO = "lets go"
    WAKES_UP = "wakes up"
    SAYS_SO = "needs it still"


FATES = (*Fate,)  # in turn


def is_there(people: People, one: Reservation) -> None:
    """Most check in, or keep a device busy, which is as good; some let their devices stand still later on."""
    if one.check_in_due_at is not None and people.rng.random() < SHOWS_UP_SHARE:
        is_busy = people.rng.random() < BUSY_SHARE
        verb, act = ("busy in time", _is_busy) if is_busy else ("check in", _check_in)
        people.later(one, people.rng.randrange(1, 25) * MINUTE, verb, partial(act, people))
    length = one.ends_at - people.now
    is_large = len(one.plan["nodes"]) > len(one.request["mix"])  # and may be made smaller
    if length > LONG and people.rng.random() < (IDLE_SHARE_OF_MANY if is_large else IDLE_SHARE):
        people.told["will stand still"] += 1
        fate = Fate.LETS_GO if is_large else FATES[people.told["will stand still"] % len(FATES)]
        people.later(one, people.rng.random() * (length - LONG), "looked at", partial(_look, people, fate, LOOKS_MAX))


def _check_in(people: People, one: Reservation) -> None:
    check_in(reservation=one, by=people.whose(one), now=people.now)


def _is_busy(people: People, one: Reservation) -> None:
    _post(people, one, BUSY)


def _look(people: People, fate: Fate, left: int, one: Reservation) -> None:
    """One round of the agent and of the beat; people act once they have been told."""
    if one.state != ReservationState.ACTIVE or not left:
        return
    act = fate if one.idle_warned_at is not None else Fate.LETS_GO
    if act == Fate.SAYS_SO:
        people.tried(act, partial(_check_in, people, one))
        return
    people.told["wakes up"] += act == Fate.WAKES_UP
    _post(people, one, BUSY if act == Fate.WAKES_UP else STILL)
    look_for_idle(now=people.now)
    if act == Fate.LETS_GO:
        people.later(one, EVERY, "looked at", partial(_look, people, fate, left - 1))


def _post(people: People, one: Reservation, percent: int) -> None:
    """As the agents of its hosts would, of all that is attached."""
    codes = Attachment.objects.filter(composition__owner=one.code, until=None).order_by("block__code")
    samples = [
        {"block": code, "at": people.now.isoformat(), "percent": percent}
        for code in codes.values_list("block__code", flat=True)
    ]
    if samples:
        payload = {"pool": one.pool.code, "source": "agent", "samples": samples}
        told = parse_telemetry(payload, now=people.now)
        keep_samples(pool=one.pool, samples=told.samples, source=told.source)


def now_shrink(people: People) -> None:
    """The pool's policy becomes a milder one."""
    pool = people.world.pool
    pool.policy = {**pool.policy, "idle": {**IDLE, "action": "shrink"}}
    pool.save(update_fields=["policy"])
