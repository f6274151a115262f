"""What a wait may be asked with: a length and two dates, and nothing that only a booking with a time has."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scheduler.parsing import parse_request
from scheduler.refusals import Invalid
from scheduler.requests import WaitWish, Window
from tests.scheduler.test_parsing import NOW, VOCABULARY, body

FRIDAY = "2026-11-27T18:00:00+01:00"
SOONEST = NOW + timedelta(minutes=5)  # the set-up of the lab
TWO_HOURS = timedelta(hours=2)


def wait(**waitlist: Any) -> dict[str, Any]:
    return body(starts_at=None, waitlist={"not_after": FRIDAY, **waitlist})


def errors(payload: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        parse_request(payload, vocabulary=VOCABULARY, now=NOW)
    return [(one.field, one.code) for one in caught.value.errors]


def test_a_wait_is_read_and_begins_now_unless_it_says_otherwise() -> None:
    request = parse_request(wait(), vocabulary=VOCABULARY, now=NOW)

    until = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
    assert request.waitlist == WaitWish(SOONEST, until, TWO_HOURS, auto_accept=False, accept_minutes=60)
    assert request.window == Window(SOONEST, SOONEST + TWO_HOURS)


def test_all_that_can_be_said_of_a_wait_is_kept() -> None:
    asked = wait(not_before="2026-11-25T00:00:00Z", auto_accept=True, accept_minutes=15)

    request = parse_request(asked, vocabulary=VOCABULARY, now=NOW)

    begin, until = datetime(2026, 11, 25, tzinfo=UTC), datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
    assert request.waitlist == WaitWish(begin, until, TWO_HOURS, auto_accept=True, accept_minutes=15)


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (body(starts_at=None, waitlist={}), [("waitlist.not_after", "required")]),
        (body(starts_at=None, waitlist=[]), [("waitlist", "invalid"), ("waitlist.not_after", "required")]),
        (body(waitlist={"not_after": FRIDAY}), [("starts_at", "invalid")]),
        (
            body(starts_at=None, duration_minutes=None, waitlist={"not_after": FRIDAY}),
            [("duration_minutes", "required")],
        ),
        (body(starts_at=None, hold_minutes=5, waitlist={"not_after": FRIDAY}), [("hold_minutes", "invalid")]),
        (wait(not_after="2026-11-23T10:04:00Z"), [("waitlist.not_after", "inverted")]),
        (wait(not_after="2029-11-23T10:04:00Z"), [("waitlist.not_after", "too_large")]),
        (wait(not_after="2026-11-27T18:00:00"), [("waitlist.not_after", "naive")]),
        (wait(auto_accept="yes"), [("waitlist.auto_accept", "invalid")]),
        (wait(accept_minutes=0), [("waitlist.accept_minutes", "too_small")]),
        (wait(accept_minutes=1441), [("waitlist.accept_minutes", "too_large")]),
        (wait(until=FRIDAY), [("waitlist.until", "unknown")]),
    ],
)
def test_what_cannot_be_waited_for_is_refused_by_name(payload: dict[str, Any], said: list[tuple[str, str]]) -> None:
    assert errors(payload) == said
