"""What is idle, since when, and what follows. Worked out by hand; minutes after noon."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.planning.idling import IdleAction, IdleRule, Seen, Verdict, idle_rule, idle_since, verdict

NOON = datetime(2030, 5, 13, 12, 0, tzinfo=UTC)
RULE = IdleRule(percent=5, warn_minutes=60, release_minutes=30, action=IdleAction.RELEASE)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def seen(first: int, last: int, busy: int | None = None) -> Seen:
    return Seen(at(first), at(last), None if busy is None else at(busy))


def since(devices: Sequence[Seen | None], *, before: int | None = None, now: int = 60) -> int | None:
    found = idle_since(seen=devices, before=None if before is None else at(before), active_at=NOON, now=at(now))
    return None if found is None else (found - NOON) // timedelta(minutes=1)


@pytest.mark.parametrize(
    ("devices", "before", "expected"),
    [
        ([], None, None),  # no accelerator of its own: nothing can be said
        ([seen(50, 60)], None, 50),  # told of for ten minutes
        ([seen(-20, 60)], None, 0),  # not before it could be used
        ([seen(50, 60)], 10, 10),  # idle since an earlier look
        ([seen(50, 60), seen(50, 60, busy=55)], 10, 55),  # one was busy meanwhile
        ([seen(50, 60), seen(50, 60, busy=60)], 10, None),  # one is busy
        ([seen(50, 60), None], 10, None),  # nobody tells of one
        ([seen(40, 50)], 10, 10),  # the last word is ten minutes old: still true
        ([seen(40, 49)], 10, None),  # and now it is not
    ],
)
def test_since_when_it_is_idle(devices: Sequence[Seen | None], before: int | None, expected: int | None) -> None:
    assert since(devices, before=before) == expected


@pytest.mark.parametrize(
    ("idle_at", "warned_at", "now", "expected"),
    [
        (None, None, 500, Verdict.KEEP),
        (0, None, 59, Verdict.KEEP),
        (0, None, 60, Verdict.WARN),
        (0, 60, 89, Verdict.KEEP),
        (0, 60, 90, Verdict.ACT),
        (0, 200, 210, Verdict.KEEP),  # told late: it has its whole time all the same
    ],
)
def test_it_is_told_first_and_given_back_so_long_after(
    idle_at: int | None, warned_at: int | None, now: int, expected: Verdict
) -> None:
    times = [None if one is None else at(one) for one in (idle_at, warned_at)]

    assert verdict(rule=RULE, since=times[0], warned_at=times[1], now=at(now)) == expected


def test_where_it_is_only_told_nothing_is_done() -> None:
    rule = IdleRule(percent=5, warn_minutes=60, release_minutes=30, action=IdleAction.WARN)

    assert verdict(rule=rule, since=NOON, warned_at=at(60), now=at(5_000)) == Verdict.KEEP


def test_a_policy_without_it_asks_nothing() -> None:
    policy = {"idle": {"percent": 5, "warn_minutes": 60, "release_minutes": 30, "action": "release"}}

    assert (idle_rule({}), idle_rule(policy)) == (None, RULE)
