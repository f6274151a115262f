"""What people do in the month: ask, wait, and change their minds, each through the service of its verb.

What they ask for is here; what they do with what they have is in the modules beside this one, as tables of acts.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from scheduler.models import CapacityAlert, Reservation
from scheduler.parsing import parse_request
from scheduler.queries.vocabulary import vocabulary
from scheduler.refusals import Invalid, Refused, WrongState
from scheduler.requests import Actor, ReservationRequest
from scheduler.services.alerts import make_alert
from scheduler.services.confirm import confirm
from scheduler.services.submit import submit
from scheduler.services.wait import wait
from scheduler.slot_parsing import parse_slots
from scheduler.states import Priority, ReservationState
from tests.simulation import month_changes as changes
from tests.simulation import month_idle, month_series
from tests.simulation.month_arrivals import SLOT, Arrival, Shape
from tests.simulation.month_deciding import is_asked
from tests.simulation.month_world import BEGIN, World

MINUTE = timedelta(minutes=1)
WAITS_DAYS = 5
WAITS_SHARE, TAKEN_SHARE = 0.75, 0.85
DAYTIME = {"weekdays": "12345", "from": "07:00", "until": "21:00"}
ALWAYS = {"weekdays": "1234567", "from": "00:00", "until": "24:00"}
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
        self.world = world
        self.rng = rng
        self.told = told
        self.at = at
        self._clock = clock
        self.words = vocabulary(user_id=0, sees_all=True)
        self._seen: set[tuple[int, str]] = set()
        self._heard: set[int] = set()

    @property
    def now(self) -> datetime:
        return self._clock()

    def arrive(self, one: Arrival) -> None:
        by = self.by(one.project)
        if one.shape == Shape.SERIES and self.tried("series", lambda: month_series.book(self, one)):
            return
        try:
            submit(request=self._asked(one), by=by, now=self.now)
            self.told["booked"] += 1
        except Refused as refused:
            for code in {refusal.code for refusal in refused.refusals}:
                self.told[f"refused {code}"] += 1
            self._go_on(one, by)

    def _go_on(self, one: Arrival, by: Actor) -> None:
        """Refused: production asks that low ones give way, most wait, some only want to hear of it."""
        if one.priority == Priority.PRODUCTION and self.tried("booked over low ones", lambda: self._over(one, by)):
            return
        if one.fate < WAITS_SHARE:
            self.tried("waits", lambda: self._wait(one, by))
        else:
            self.tried("alert", lambda: self._listen(one, by))

    def _over(self, one: Arrival, by: Actor) -> None:
        submit(request=self._asked(one, preempt=True), by=by, now=self.now)

    def _wait(self, one: Arrival, by: Actor) -> None:
        until = self.now + timedelta(days=WAITS_DAYS) + one.duration
        wish = {"not_after": until.isoformat(), "auto_accept": one.number % 2 == 0, "accept_minutes": 120}
        request = self._asked(one, waitlist=wish, starts_at=None)
        assert request.waitlist is not None, "it says how long"
        wait(request=request, wish=request.waitlist, by=by, now=self.now)

    def _listen(self, one: Arrival, by: Actor) -> None:
        until = self.now + timedelta(days=WAITS_DAYS) + one.duration
        body = {**self.body(one), "not_after": until.isoformat()}
        body.pop("starts_at", None)
        make_alert(wish=parse_slots(body, vocabulary=self.words, now=self.now), by=by, now=self.now)

    def body(self, one: Arrival) -> dict[str, Any]:
        """As it is sent."""
        lines = [{"device_class": one.device_class, "count": one.each}]
        mix = [{"role": "", "nodes": one.nodes, "lines": lines}]
        if one.shape == Shape.ROLES:
            mix = [{"role": "prefill", "nodes": 1}, {"role": "decode", "nodes": one.nodes - 1}]
            mix = [{**group, "lines": lines} for group in mix]
        if one.shape == Shape.ELASTIC:
            mix = [{"role": "decode", "nodes": one.nodes, "lines": lines}]
        body = {
            "project": one.project,
            "pool": "pod",
            "mix": mix,
            "duration_minutes": one.duration // MINUTE,
            "priority": one.priority,
        }
        if one.shape == Shape.ELASTIC:
            profile = [{**DAYTIME, "nodes": one.nodes + 2}, {**ALWAYS, "nodes": one.nodes}]
            body["elastic"] = {"decode": {"floor": 1, "ceiling": one.nodes + 2, "profile": profile}}
        if one.begins_in:
            body["starts_at"] = slot(self.now + one.begins_in).isoformat()
        return body

    def _asked(self, one: Arrival, **more: Any) -> ReservationRequest:
        body = {name: value for name, value in {**self.body(one), **more}.items() if value is not None}
        return parse_request(body, vocabulary=self.words, now=self.now)

    def by(self, project: str) -> Actor:
        person = self.world.people[project]
        return Actor(name=person.username, user_id=person.pk, door="api")

    def whose(self, one: Reservation) -> Actor:
        """Who has it now: the booker, or whom it was handed over to."""
        assert one.created_by is not None, "people book"
        return Actor(name=one.created_by.get_username(), user_id=one.created_by.pk, door="api")

    def react(self) -> None:
        """Whoever has been told something new decides what to do about it, once for each state."""
        rows = Reservation.objects.filter(state__in=sorted(self._reactions)).order_by("id")
        fresh = [pair for pair in rows.values_list("pk", "state") if pair not in self._seen]
        self._seen.update(fresh)
        found = {one.pk: one for one in _whole().filter(pk__in=[pk for pk, _ in fresh])} if fresh else {}
        for pk, state in fresh:
            self._reactions[ReservationState(state)](self, found[pk])

    def hear(self) -> None:
        """Whoever has been told that something fits now books it, as soon as it says."""
        for one in CapacityAlert.objects.filter(told_at__isnull=False).exclude(pk__in=self._heard).order_by("pk"):
            self._heard.add(one.pk)
            body = {**one.request, "duration_minutes": one.duration_minutes}
            request = parse_request(body, vocabulary=self.words, now=self.now)
            by = self.by(request.project)
            self.tried("booked after an alert", partial(submit, request=request, by=by, now=self.now))

    def tried(self, what: str, act: Callable[[], object]) -> bool:
        """Whether it could be done; either is counted."""
        try:
            act()
        except _NO as refused:
            self.told[f"{what}: {type(refused).__name__}"] += 1
            return False
        self.told[what] += 1
        return True

    def later(self, one: Reservation, after: timedelta, verb: str, act: Act) -> None:
        """The reservation as it is by then."""
        self.at(self.now + after, lambda: self.tried(verb, lambda: act(_whole().get(pk=one.pk))))

    def choose(self, one: Reservation, length: timedelta, acts: changes.Acts) -> None:
        """One of them or none, at some time of that length."""
        drawn, after = self.rng.random(), self.rng.random() * max(length, timedelta())
        for act in acts:
            if not act.suits(one):
                continue
            if drawn < act.share:
                self.later(one, after, act.verb, partial(act.does, self))
                return
            drawn -= act.share

    def _is_offered(self, one: Reservation) -> None:
        """Its turn on the waitlist: most take it, some let it pass."""
        if self.rng.random() < TAKEN_SHARE:
            self.later(one, self.rng.randrange(1, 100) * MINUTE, "confirm", self._confirm)

    def _is_booked(self, one: Reservation) -> None:
        """Before it begins: cancelled, moved, handed over, made another, or none of that."""
        self.choose(one, one.starts_at - self.now, changes.BOOKED)

    def _is_in_use(self, one: Reservation) -> None:
        month_idle.is_there(self, one)
        self.choose(one, max(one.ends_at - self.now, MINUTE), changes.IN_USE)

    def _confirm(self, one: Reservation) -> None:
        confirm(reservation=one, by=self.whose(one), now=self.now)

    _reactions: Mapping[ReservationState, Callable[["People", Reservation], None]] = {
        _R.HELD: _is_offered,
        _R.PENDING_APPROVAL: is_asked,
        _R.CONFIRMED: _is_booked,
        _R.ACTIVE: _is_in_use,
    }


def slot(at: datetime) -> datetime:
    """The next quarter of an hour."""
    return at + (BEGIN - at) % SLOT


def _whole() -> Any:
    return Reservation.objects.select_related("project", "pool", "created_by")
