"""What people do in the month: ask, wait, decide, and change their minds, each through the service of its verb."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from scheduler.models import Reservation
from scheduler.parsing import parse_request
from scheduler.queries.vocabulary import vocabulary
from scheduler.refusals import Invalid, Refused, WrongState
from scheduler.requests import Actor, ReservationRequest
from scheduler.services.approve import approve
from scheduler.services.auto_extend import auto_extend
from scheduler.services.cancel import cancel
from scheduler.services.check_in import check_in
from scheduler.services.confirm import confirm
from scheduler.services.extend import extend
from scheduler.services.reject import reject
from scheduler.services.release import release
from scheduler.services.reschedule import reschedule
from scheduler.services.shorten import shorten
from scheduler.services.submit import submit
from scheduler.services.wait import wait
from scheduler.states import Priority, ReservationState
from tests.simulation.month_arrivals import SLOT, Arrival
from tests.simulation.month_world import BEGIN, World

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WAITS_DAYS = 5
WAITS_SHARE, SHOWS_UP_SHARE, APPROVED_SHARE, DECIDED_SHARE, TAKEN_SHARE = 0.8, 0.92, 0.7, 0.85, 0.85
_R = ReservationState
_NO = (Refused, Invalid, WrongState)
Act = Callable[[Reservation], None]


class People:
    """`told` counts what they asked for and what came of it; `at` puts something into the calendar of the month."""

    def __init__(
        self,
        *,
        world: World,
        rng: random.Random,
        told: Counter[str],
        at: Callable[[datetime, Callable[[], None]], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._world = world
        self._rng = rng
        self._told = told
        self._at = at
        self._clock = clock
        self._words = vocabulary(user_id=0, sees_all=True)
        self._seen: set[tuple[int, str]] = set()

    @property
    def _now(self) -> datetime:
        return self._clock()

    def arrive(self, one: Arrival) -> None:
        request = self._asked(one)
        if request is None:
            return
        by = self._by(one.project)
        try:
            submit(request=request, by=by, now=self._now)
            self._told["booked"] += 1
        except Refused as refused:
            for code in {refusal.code for refusal in refused.refusals}:
                self._told[f"refused {code}"] += 1
            self._go_on(one, by)

    def _go_on(self, one: Arrival, by: Actor) -> None:
        """Refused: production asks that low ones give way, most wait, some go away."""
        if one.priority == Priority.PRODUCTION:
            try:
                request = self._asked(one, preempt=True)
                if request is not None:
                    submit(request=request, by=by, now=self._now)
                    self._told["booked over low ones"] += 1
                    return
            except Refused:
                self._told["no low ones to give way"] += 1
        if one.fate < WAITS_SHARE:
            self._wait(one, by)

    def _wait(self, one: Arrival, by: Actor) -> None:
        until = self._now + timedelta(days=WAITS_DAYS) + one.duration
        wish = {"not_after": until.isoformat(), "auto_accept": one.number % 2 == 0, "accept_minutes": 120}
        try:
            request = self._asked(one, waitlist=wish, starts_at=None, ends_at=None)
            if request is not None and request.waitlist is not None:
                wait(request=request, wish=request.waitlist, by=by, now=self._now)
                self._told["waits"] += 1
        except _NO:
            self._told["may not wait"] += 1

    def _asked(self, one: Arrival, **more: Any) -> ReservationRequest | None:
        line = {"device_class": one.device_class, "count": one.each}
        body: dict[str, Any] = {
            "project": one.project,
            "pool": "pod",
            "mix": [{"role": "", "nodes": one.nodes, "lines": [line]}],
            "duration_minutes": one.duration // MINUTE,
            "priority": one.priority,
            **({"starts_at": _slot(self._now + one.begins_in).isoformat()} if one.begins_in else {}),
            **more,
        }
        body = {name: value for name, value in body.items() if value is not None}
        return parse_request(body, vocabulary=self._words, now=self._now)

    def _by(self, project: str) -> Actor:
        person = self._world.people[project]
        return Actor(name=person.username, user_id=person.pk, door="api")

    def react(self) -> None:
        """Whoever has been told something new decides what to do about it, once for each state."""
        for one in Reservation.objects.filter(state__in=sorted(self._reactions)).order_by("id"):
            if (one.pk, one.state) not in self._seen:
                self._seen.add((one.pk, one.state))
                self._reactions[ReservationState(one.state)](self, one)

    def _is_offered(self, one: Reservation) -> None:
        """Its turn on the waitlist: most take it, some let it pass."""
        if self._rng.random() < TAKEN_SHARE:
            self._later(one, timedelta(minutes=self._rng.randrange(1, 100)), "confirm", self._confirm)

    def _is_asked(self, one: Reservation) -> None:
        """Someone decides, or nobody does in time."""
        if self._rng.random() < DECIDED_SHARE:
            verb = "approve" if self._rng.random() < APPROVED_SHARE else "reject"
            act = self._approve if verb == "approve" else self._reject
            self._later(one, timedelta(minutes=self._rng.randrange(5, 8 * 60)), verb, act)

    def _is_booked(self, one: Reservation) -> None:
        """Before it begins: cancelled, moved, or neither."""
        ahead, drawn = one.starts_at - self._now, self._rng.random()
        after = self._rng.random() * max(ahead, timedelta())
        if drawn < 0.08:
            self._later(one, after, "cancel", self._cancel)
        elif drawn < 0.14:
            self._later(one, after, "move", self._move)

    def _is_in_use(self, one: Reservation) -> None:
        if one.check_in_due_at is not None and self._rng.random() < SHOWS_UP_SHARE:
            self._later(one, timedelta(minutes=self._rng.randrange(1, 25)), "check in", self._check_in)
        drawn, length = self._rng.random(), max(one.ends_at - self._now, MINUTE)
        after = self._rng.random() * length
        for share, verb, act in _IN_USE:
            if drawn < share:
                self._later(one, after, verb, lambda row, act=act: act(self, row))  # type: ignore[misc]  # bound now
                return
            drawn -= share

    def _later(self, one: Reservation, after: timedelta, verb: str, act: Act) -> None:
        def do() -> None:
            try:
                act(Reservation.objects.select_related("project", "pool").get(pk=one.pk))
                self._told[verb] += 1
            except _NO as refused:
                self._told[f"{verb}: {type(refused).__name__}"] += 1

        self._at(self._now + after, do)

    def _whose(self, one: Reservation) -> Actor:
        return self._by(one.project.slug)

    def _confirm(self, one: Reservation) -> None:
        confirm(reservation=one, by=self._whose(one), now=self._now)

    def _approve(self, one: Reservation) -> None:
        approve(reservation=one, by=self._olga(), now=self._now, reason="Go ahead.")

    def _reject(self, one: Reservation) -> None:
        reject(reservation=one, by=self._olga(), now=self._now, reason="Too large this month.")

    def _cancel(self, one: Reservation) -> None:
        cancel(reservation=one, by=self._whose(one), now=self._now)

    def _move(self, one: Reservation) -> None:
        reschedule(reservation=one, starts_at=_slot(one.starts_at + 6 * HOUR), by=self._whose(one), now=self._now)

    def _check_in(self, one: Reservation) -> None:
        check_in(reservation=one, by=self._whose(one), now=self._now)

    def _extend(self, one: Reservation) -> None:
        extend(reservation=one, ends_at=one.ends_at + 3 * HOUR, by=self._whose(one), now=self._now)

    def _extend_itself(self, one: Reservation) -> None:
        auto_extend(reservation=one, until=one.ends_at + 6 * HOUR, by=self._whose(one), now=self._now)

    def _shorten(self, one: Reservation) -> None:
        half = self._now + (one.ends_at - self._now) / 2
        shorten(reservation=one, ends_at=half.replace(microsecond=0), by=self._whose(one), now=self._now)

    def _give_back(self, one: Reservation) -> None:
        release(reservation=one, by=self._whose(one), now=self._now)

    def _olga(self) -> Actor:
        return Actor(name=self._world.olga.username, user_id=self._world.olga.pk, door="web")

    _reactions: Mapping[ReservationState, Callable[["People", Reservation], None]] = {
        _R.HELD: _is_offered,
        _R.PENDING_APPROVAL: _is_asked,
        _R.CONFIRMED: _is_booked,
        _R.ACTIVE: _is_in_use,
    }


_IN_USE: tuple[tuple[float, str, Callable[[People, Reservation], None]], ...] = (
    (0.12, "extend", People._extend),
    (0.06, "extend itself", People._extend_itself),
    (0.08, "shorten", People._shorten),
    (0.12, "give back", People._give_back),
)


def _slot(at: datetime) -> datetime:
    """The next quarter of an hour."""
    return at + (BEGIN - at) % SLOT
