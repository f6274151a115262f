"""What beat and workers do in the month: whatever is due at an instant, and at which instant that is next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from scheduler.services._auto_extending import BEFORE, extend_due
from scheduler.services._lease import due_operations
from scheduler.services.advance_due import advance_due
from scheduler.services.alerts import tell_of_capacity
from scheduler.services.elastic import follow_profiles, give_back_due
from scheduler.services.promote import promote
from scheduler.states import FINAL, OPEN_OPERATIONS
from tests.simulation.month_composing import carry_out

ROUNDS_MAX = 300
LOOKS_EVERY = timedelta(hours=16)
ZONE = ZoneInfo("America/New_York")  # the pool's
TURNS = (time(7), time(21))  # of the profiles of elastic groups
_DUE = """
SELECT min(r.next_due_at), min(r.check_in_due_at) FILTER (WHERE r.state = 'active' AND r.checked_in_at IS NULL),
       min(r.preempt_at) FILTER (WHERE r.state = 'active'),
       (SELECT min(o.due_at) FROM scheduler_operation o WHERE o.state = ANY(%(open)s)),
       min(r.ends_at - %(before)s) FILTER (WHERE r.state = 'active' AND r.auto_extend_until > r.ends_at),
       (SELECT min(upper(a.during) - (e.busy_until - e.ends_at))
        FROM scheduler_allocation a JOIN scheduler_reservation e ON e.id = a.reservation_id
        WHERE e.state = 'active' AND e.elastic <> '{}' AND a.is_holding AND upper(a.during) < e.busy_until),
       count(*) FILTER (WHERE r.state = 'waitlisted')
       + (SELECT count(*) FROM scheduler_capacityalert c WHERE c.told_at IS NULL AND c.not_after > %(now)s),
       array_agg(r.id ORDER BY r.id) FILTER (WHERE r.state = 'active' AND r.elastic <> '{}')
FROM scheduler_reservation r WHERE r.state <> ALL(%(final)s)
"""


@dataclass(frozen=True, slots=True)
class Due:
    """The earliest moment of each; `waits` is how many want to be looked at now and then."""

    by_time: tuple[datetime | None, ...]  # of the phases of `advance_due`
    work: datetime | None
    extends: datetime | None
    gives_back: datetime | None
    waits: int
    elastic: tuple[int, ...]


class Beat:
    def __init__(self, *, begin: datetime, hear: Callable[[], None]) -> None:
        self._looked_at = begin
        self._followed: tuple[int, ...] = ()
        self._followed_at = begin
        self._hear = hear
        self._due = _due(begin)

    def next(self, now: datetime) -> datetime | None:
        """What could not be done when it was due is tried again when something else happens."""
        due = self._due
        moments = [at for at in (*due.by_time, due.work) if at is not None]
        moments += [at for at in (due.extends, due.gives_back) if at is not None and at > now]
        if moments and due.waits:
            moments.append(self._looked_at + LOOKS_EVERY)
        if due.elastic:
            moments.append(_turn_after(self._followed_at))
        return min(moments, default=None)

    def tick(self, now: datetime, *, anew: bool) -> None:
        """All that is due at this instant. `anew`: somebody did something since it was looked what is due."""
        if anew:
            self._due = _due(now)
        self._work_off(now)
        if self._due.gives_back is not None and self._due.gives_back <= now:
            give_back_due(now=now)
            self._look_and_work_off(now)
        elastic = self._due.elastic
        if elastic != self._followed or (elastic and now >= _turn_after(self._followed_at)):
            self._followed, self._followed_at = elastic, now
            while follow_profiles(now=now):
                self._look_and_work_off(now)
        if now - self._looked_at >= LOOKS_EVERY:
            self._look(now)

    def _look(self, now: datetime) -> None:
        """For those who wait, and then for those who only want to hear of it."""
        self._looked_at = now
        promote(now=now)
        if tell_of_capacity(now=now):
            self._hear()
        self._look_and_work_off(now)

    def _look_and_work_off(self, now: datetime) -> None:
        self._due = _due(now)
        self._work_off(now)

    def _work_off(self, now: datetime) -> None:
        due = self._due
        if due.extends is not None and due.extends <= now:
            extend_due(now=now)
            due = self._due = _due(now)
        for _ in range(ROUNDS_MAX):
            is_time = any(at is not None and at <= now for at in due.by_time)
            is_work = due.work is not None and due.work <= now
            if not is_time and not is_work:
                return
            moved = advance_due(now=now) if is_time else 0
            ran = [carry_out(operation_id=pk, now=now) for pk in due_operations(now=now)]
            if not moved and not any(ran):
                raise AssertionError(f"what is due at {now} is not done: {due}")
            due = self._due = _due(now)
        raise AssertionError("the month does not come to rest")


def _due(now: datetime) -> Due:
    asked: dict[str, Any] = {"final": sorted(FINAL), "open": sorted(OPEN_OPERATIONS), "before": BEFORE, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_DUE, asked)
        *by_time, work, extends, gives_back, waits, elastic = cursor.fetchone()
    return Due(tuple(by_time), work, extends, gives_back, waits, tuple(elastic or ()))


def _turn_after(at: datetime) -> datetime:
    """The next time of day at which a profile may say something else."""
    local = at.astimezone(ZONE)
    days = (local.date(), local.date() + timedelta(days=1))
    return min(turn for day in days for of in TURNS if (turn := datetime.combine(day, of, ZONE)) > local)
