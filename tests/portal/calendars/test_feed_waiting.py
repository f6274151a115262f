"""What waits has no window of its own yet, and so is in no calendar."""

from datetime import timedelta

from scheduler.services.cancel import cancel
from tests.portal.calendars.test_feeds import BY, NOON, made, summaries
from tests.portal.cast import MONDAY, Cast
from tests.portal.web.world import booked


def test_what_waits_has_no_window_and_is_in_no_calendar(people: Cast) -> None:
    """Its dates are days apart: shown as an event, they would fill the calendar."""
    body = {
        "starts_at": None,
        "ends_at": None,
        "duration_minutes": 120,
        "waitlist": {"not_after": (NOON + timedelta(days=3)).isoformat()},
    }
    one, secret = booked(people.alice, title="Load test", **body), made(people.alice)

    waiting = summaries(secret)
    cancel(reservation=one, by=BY, now=MONDAY)

    assert (waiting, summaries(secret)) == ([], [])
