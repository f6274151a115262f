"""When a reservation in use is idle, and what follows by its pool's policy.

Idle is what is known to be: each of its accelerators is told of, in one sample after the other, and none is busy. A
silent agent says nothing of anybody; what was known before a silence is forgotten.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SILENT = timedelta(minutes=10)  # after which what was told last is no longer true


class IdleAction(StrEnum):
    WARN = "warn"
    SHRINK = "shrink"
    RELEASE = "release"


class Verdict(StrEnum):
    KEEP = "keep"
    WARN = "warn"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class IdleRule:
    """Busy is more than `percent`. Minutes: with no busy device before it is told, and from then before it acts."""

    percent: int
    warn_minutes: int
    release_minutes: int
    action: IdleAction


@dataclass(frozen=True, slots=True)
class Seen:
    """What was told of one accelerator lately; `busy_at` is the last time it was busy."""

    first_at: datetime
    last_at: datetime
    busy_at: datetime | None


def idle_rule(policy: Mapping[str, object]) -> IdleRule | None:
    """`policy` as a pool file has it; None where nothing is said of idle devices."""
    found = policy.get("idle")
    if not isinstance(found, Mapping):
        return None
    return IdleRule(found["percent"], found["warn_minutes"], found["release_minutes"], IdleAction(found["action"]))


def idle_since(
    *, seen: Iterable[Seen | None], before: datetime | None, active_at: datetime, now: datetime
) -> datetime | None:
    """Since when none was busy; None: one is, or it is not known. `before` is what was found at the look before."""
    told = list(seen)
    if not told:
        return None
    since = before or active_at
    for one in told:
        if one is None or now - one.last_at > SILENT or one.busy_at == one.last_at:
            return None
        since = max(since, one.busy_at or since, since if before else one.first_at)
    return since


def verdict(*, rule: IdleRule, since: datetime | None, warned_at: datetime | None, now: datetime) -> Verdict:
    """Nothing is done to what was not told so long before."""
    if since is None or now - since < timedelta(minutes=rule.warn_minutes):
        return Verdict.KEEP
    if warned_at is None:
        return Verdict.WARN
    is_time = now - warned_at >= timedelta(minutes=rule.release_minutes)
    return Verdict.ACT if is_time and rule.action != IdleAction.WARN else Verdict.KEEP
