"""When a letter may come: quiet hours and the daily digest, on the reader's wall clock. Pure.

A wall time that a change of the clock skips is the first moment after the gap; one that comes twice is the first one.
It is quiet whenever the clock on the wall says so: in the hour that comes twice, twice.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.notice_topics import NoticeTopic

DIGESTED = frozenset({NoticeTopic.OUTCOME, NoticeTopic.CHANGE, NoticeTopic.QUOTA})  # what asks nobody to act soon
DAYS_AHEAD = 3  # a zone may skip a whole day, as Samoa did
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostTimes:
    """Wall clock; none: at any hour, and at once. Quiet hours may go over midnight."""

    quiet_from: time | None = None
    quiet_until: time | None = None
    digest_at: time | None = None


def posting_at(
    *, written_at: datetime, topic: NoticeTopic, times: PostTimes, zone: ZoneInfo, now: datetime
) -> datetime:
    """The earliest moment, not before `now`, at which what was written then may be sent. In UTC."""
    at = now
    if times.digest_at is not None and topic in DIGESTED:
        at = max(now, _next(times.digest_at, written_at, zone))
    return _after_quiet(at, times, zone)


def is_quiet(*, at: datetime, times: PostTimes, zone: ZoneInfo) -> bool:
    """In `[quiet_from, quiet_until)` by the clock on the wall."""
    if times.quiet_from is None or times.quiet_until is None:
        return False
    wall = at.astimezone(zone).time()
    if times.quiet_from < times.quiet_until:
        return times.quiet_from <= wall < times.quiet_until
    return wall >= times.quiet_from or wall < times.quiet_until


def at_wall(*, day: datetime, wall: time, zone: ZoneInfo, fold: int = 0) -> datetime:
    """The moment in UTC at which the clock shows `wall` on that local day, or the first one after the gap it is in."""
    asked = datetime.combine(day.date(), wall, tzinfo=zone).replace(fold=fold)
    moment = asked.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == asked.replace(tzinfo=None):
        return moment
    early, late = sorted(asked.replace(fold=side).astimezone(UTC) for side in (0, 1))
    before = early.astimezone(zone).utcoffset()
    while late - early > _SECOND:
        middle = early + (late - early) / 2
        early, late = (middle, late) if middle.astimezone(zone).utcoffset() == before else (early, middle)
    return late.replace(microsecond=0)


def _next(wall: time, after: datetime, zone: ZoneInfo) -> datetime:
    """The first such time at or after."""
    today = after.astimezone(zone)
    moments = (at_wall(day=today + timedelta(days=ahead), wall=wall, zone=zone) for ahead in range(DAYS_AHEAD))
    return next(moment for moment in moments if moment >= after)


def _after_quiet(at: datetime, times: PostTimes, zone: ZoneInfo) -> datetime:
    until = times.quiet_until
    if until is None or not is_quiet(at=at, times=times, zone=zone):
        return at
    today = at.astimezone(zone)
    ends = sorted(
        at_wall(day=today + timedelta(days=ahead), wall=until, zone=zone, fold=fold)
        for ahead in range(DAYS_AHEAD)
        for fold in (0, 1)
    )
    return next(end for end in ends if end > at and not is_quiet(at=end, times=times, zone=zone))
