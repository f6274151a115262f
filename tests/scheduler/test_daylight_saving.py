"""A change of the clocks shifts no instant: a window is what its offsets say, and its length is what passes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.parsing import Vocabulary, parse_request
from scheduler.planning.admission import decide
from scheduler.requests import Window
from tests.shipped import lab
from tests.worlds import ask, commitments_of, group, snapshot

SETUP = timedelta(minutes=5)
L40S = "nvidia-l40s-48gb"
CHANGES = [  # zone, and an hour before the clocks change there
    ("Europe/Berlin", datetime(2027, 3, 28, 0, 0, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 0, 0, tzinfo=UTC)),
    ("America/New_York", datetime(2027, 3, 14, 6, 0, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 5, 0, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2027, 4, 3, 14, 0, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2027, 10, 2, 14, 30, tzinfo=UTC)),
    ("Africa/Casablanca", datetime(2027, 2, 7, 1, 0, tzinfo=UTC)),
    ("Africa/Casablanca", datetime(2027, 3, 14, 1, 0, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2012, 3, 31, 13, 0, tzinfo=UTC)),  # since 2021 its clocks stay
    ("Pacific/Apia", datetime(2012, 9, 29, 13, 0, tzinfo=UTC)),
]
VOCABULARY = Vocabulary(projects={"team-chat"}, setup_minutes={"lab": 5})


def _parsed(starts_at: datetime, **rest: object) -> Window:
    body = {"project": "team-chat", "pool": "lab", "starts_at": starts_at.isoformat(), "mix": [{}], **rest}
    return parse_request(body, vocabulary=VOCABULARY, now=starts_at - timedelta(days=3)).window


@pytest.mark.parametrize(("zone", "before"), CHANGES)
def test_a_length_across_the_change_is_what_passes(zone: str, before: datetime) -> None:
    local = before.astimezone(ZoneInfo(zone))

    window = _parsed(local, duration_minutes=180)

    assert window == Window(before, before + timedelta(hours=3))
    assert local.utcoffset() != window.ends_at.astimezone(ZoneInfo(zone)).utcoffset()


@pytest.mark.parametrize(("zone", "before"), CHANGES)
def test_two_ends_with_their_offsets_are_two_instants(zone: str, before: datetime) -> None:
    end = (before + timedelta(hours=3)).astimezone(ZoneInfo(zone))

    assert _parsed(before.astimezone(ZoneInfo(zone)), ends_at=end.isoformat()) == Window(
        before, before + timedelta(hours=3)
    )


@pytest.mark.parametrize(("zone", "before"), CHANGES)
def test_windows_that_touch_across_the_change_do_not_collide(zone: str, before: datetime) -> None:
    """The same twelve cards, first until two hours after the change, then from the first instant they are clean."""
    now = before - timedelta(days=3)
    first = _parsed(before.astimezone(ZoneInfo(zone)), duration_minutes=180)
    start = (first.ends_at + 2 * SETUP).astimezone(ZoneInfo(zone))
    plan = decide(request=ask(group((L40S, 12)), when=first, pool="lab"), snapshot=snapshot(lab(), now=now))

    later = decide(
        request=ask(group((L40S, 12)), when=_parsed(start, duration_minutes=60), pool="lab"),
        snapshot=snapshot(lab(), now=now, commitments=commitments_of(plan)),
    )

    assert later.nodes[0].blocks == plan.nodes[0].blocks
    assert (later.busy_from, later.busy_until) == (plan.busy_until, plan.busy_until + 2 * SETUP + timedelta(hours=1))
