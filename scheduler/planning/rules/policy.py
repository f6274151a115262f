"""The pool's bounds of a reservation: how soon, how far ahead, how short, how long.

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
    least = case.topology.policy.min_lead_minutes
    ahead = case.window.starts_at - case.now
    if ahead < least * MINUTE - timedelta(seconds=START_GRACE_SECONDS):
        have = int(ahead // MINUTE)
        message = f"A reservation must be made {least} minutes ahead; this one starts in {have} minutes."
        yield Refusal(RefusalCode.LEAD_TIME, "starts_at", message, least, have, "minutes", BY)


def horizon(case: Case) -> Iterator[Refusal]:
    most = case.topology.policy.horizon_days
    ahead = case.window.starts_at - case.now
    if ahead > most * DAY:
        need = -(-ahead // DAY)
        message = f"The calendar of this pool reaches {most} days ahead; this start is in its day {need}."
        yield Refusal(RefusalCode.HORIZON, "starts_at", message, need, most, "days", BY)


def duration(case: Case) -> Iterator[Refusal]:
    policy = case.topology.policy
    length = case.window.ends_at - case.window.starts_at
    if length < policy.min_duration_minutes * MINUTE:
        have = whole(round(length / MINUTE, 2))
        message = f"A reservation lasts at least {policy.min_duration_minutes} minutes, not {have}."
        yield Refusal(RefusalCode.TOO_SHORT, "ends_at", message, policy.min_duration_minutes, have, "minutes", BY)
    if length > policy.max_duration_hours * HOUR:
        need = whole(round(length / HOUR, 2))
        message = f"A reservation lasts at most {policy.max_duration_hours} hours, not {need}."
        yield Refusal(RefusalCode.TOO_LONG, "ends_at", message, need, policy.max_duration_hours, "hours", BY)
