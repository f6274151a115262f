"""The bounds of a reservation, the project's own or the pool's: how soon, how far ahead, how short, how long.

An operator may allow exceptions.
"""

from collections.abc import Iterator
from datetime import timedelta

from scheduler.limits import START_GRACE_SECONDS
from scheduler.planning.case import Case
from scheduler.planning.rules.base import whole
from scheduler.refusals import Refusal, RefusalCode

BY = "operator"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def lead_time(case: Case) -> Iterator[Refusal]:
    """A start within the grace counts as now, so that a plan made a moment ago is not late."""
    least = case.index.snapshot.bounds.min_lead_minutes
    ahead = case.window.starts_at - case.now
    if ahead < least * MINUTE - timedelta(seconds=START_GRACE_SECONDS):
        have = int(ahead // MINUTE)
        message = f"A reservation must be made {least} minutes ahead; this one starts in {have} minutes."
        yield Refusal(RefusalCode.LEAD_TIME, "starts_at", message, least, have, "minutes", BY)


def horizon(case: Case) -> Iterator[Refusal]:
    most = case.index.snapshot.bounds.horizon_days
    ahead = case.window.starts_at - case.now
    if ahead > most * DAY:
        need = -(-ahead // DAY)
        message = f"{_whose(case)} reaches {most} days ahead; this start is in its day {need}."
        yield Refusal(RefusalCode.HORIZON, "starts_at", message, need, most, "days", BY)


def duration(case: Case) -> Iterator[Refusal]:
    bounds = case.index.snapshot.bounds
    length = case.window.ends_at - case.window.starts_at
    if length < bounds.min_duration_minutes * MINUTE:
        have = whole(round(length / MINUTE, 2))
        message = f"A reservation lasts at least {bounds.min_duration_minutes} minutes, not {have}."
        yield Refusal(RefusalCode.TOO_SHORT, "ends_at", message, bounds.min_duration_minutes, have, "minutes", BY)
    if length > bounds.max_duration_hours * HOUR:
        need = whole(round(length / HOUR, 2))
        message = f"A reservation lasts at most {bounds.max_duration_hours} hours, not {need}."
        yield Refusal(RefusalCode.TOO_LONG, "ends_at", message, need, bounds.max_duration_hours, "hours", BY)


def _whose(case: Case) -> str:
    is_own = case.index.snapshot.quota.horizon_days is not None
    return f"The calendar of {case.project} here" if is_own else "The calendar of this pool"
