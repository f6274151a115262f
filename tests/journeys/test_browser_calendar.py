"""The calendar in a real browser: bars are where they belong, arrows lead along them, news changes one row only."""

from datetime import timedelta
from typing import Any

import pytest

from scheduler.models import Reservation
from scheduler.services.cancel import cancel
from tests.journeys.browser import PASSWORD, PHONE, browser, portal, visitor  # noqa: F401 - fixtures, too
from tests.scheduler.services.house import H100, L40S, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
HOUR = timedelta(hours=1)
MILLISECONDS_MAX = 15_000
# Where the solid part of a bar begins and ends, in hours of a week that begins at midnight.
WHERE = """id => {
  const bar = document.getElementById(id), scale = bar.closest('.cal-bars').getBoundingClientRect();
  const { left, right } = bar.getBoundingClientRect();
  return [left, right].map(at => (at - scale.left) / scale.width * 7 * 24);
}"""
FOCUS = "document.activeElement.id"


def booked(
    house: House, mix: dict[str, int], title: str, *, hours_ahead: int, project: str = "team-chat"
) -> Reservation:
    """For six hours, from a full hour on."""
    begins_at = house.clock.now.replace(minute=0, second=0, microsecond=0) + hours_ahead * HOUR
    when = {"starts_at": begins_at.isoformat(), "ends_at": (begins_at + 6 * HOUR).isoformat()}
    return house.book(mix, title=title, project=project, **when)


def bar_of(reservation: Reservation) -> str:
    (node,) = reservation.plan["nodes"]
    return f"bar-{node['host']}-{reservation.code}"


def test_a_calendar_is_walked_by_keys_and_kept_true_without_losing_ones_place(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    living: House,
) -> None:
    first = booked(living, {H100: 2}, "First", hours_ahead=3)
    then = booked(living, {H100: 2}, "Then", hours_ahead=30)
    booked(living, {L40S: 2}, "Theirs", hours_ahead=3, project="team-research")
    midnight = living.clock.now.replace(hour=0, minute=0, second=0, microsecond=0)

    with visitor(browser, portal, timezone_id="UTC") as alice:
        alice.sign_in("alice", PASSWORD)
        alice.open(f"/calendar/?from={midnight.date().isoformat()}")
        alice.page.wait_for_selector(".is-placed")

        held = [(at - midnight) / HOUR for at in (first.busy_from, first.busy_until)]
        assert alice.page.evaluate(WHERE, bar_of(first)) == pytest.approx(held, abs=0.2)
        assert alice.page.locator("b", has_text="Busy").count() == 1
        assert alice.page.locator("text=Theirs").count() == 0

        alice.page.focus(f"#{bar_of(first)}")
        walked = []
        for key in ("ArrowRight", "ArrowRight", "Home"):
            alice.page.keyboard.press(key)
            walked.append(alice.page.evaluate(FOCUS))
        same_row = bar_of(first).rsplit("-r-")[0] == bar_of(then).rsplit("-r-")[0]
        assert walked == ([bar_of(then), bar_of(then), bar_of(first)] if same_row else [bar_of(first)] * 3)
        assert "First" in alice.page.inner_text(".cal-hint")

        alice.page.evaluate("window.before = [...document.querySelectorAll('.cal-row')]")
        cancel(reservation=then, by=living.by(living.alice), now=living.clock.now)
        alice.page.wait_for_selector(f"#{bar_of(then)}", state="detached", timeout=MILLISECONDS_MAX)
        assert alice.page.evaluate("window.before.filter(row => !row.isConnected).length") == 1
        assert alice.page.evaluate(FOCUS) == bar_of(first)
        assert alice.page.evaluate(WHERE, bar_of(first)) == pytest.approx(held, abs=0.2)

        alice.page.keyboard.press("Enter")
        alice.page.wait_for_url(f"{portal}/reservations/{first.code}/")
        assert alice.complaints == []


def test_paper_has_the_calendar_alone_and_light(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    living: House,
) -> None:
    booked(living, {H100: 2}, "First", hours_ahead=3)

    with visitor(browser, portal, color_scheme="dark") as alice:
        alice.sign_in("alice", PASSWORD)
        alice.open("/calendar/")
        alice.page.wait_for_selector(".is-placed")
        alice.page.emulate_media(media="print")

        seen = {
            name: alice.page.is_visible(name)
            for name in (".side", "#cal-print", "#cal-filters", "#cal-period", ".cal-bar")
        }
        colour = alice.page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert seen == {
        ".side": False,
        "#cal-print": False,
        "#cal-filters": False,
        "#cal-period": True,
        ".cal-bar": True,
    }
    assert colour == "rgb(255, 255, 255)"


@pytest.mark.parametrize("size", [None, PHONE], ids=["wide", "phone"])
def test_without_a_script_the_rows_are_lists(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    living: House,
    size: dict[str, int] | None,
) -> None:
    first = booked(living, {H100: 2}, "First", hours_ahead=3)

    with visitor(browser, portal, java_script_enabled=False, **({"viewport": size} if size else {})) as alice:
        alice.sign_in("alice", PASSWORD)
        alice.open("/calendar/")
        words = alice.page.inner_text(f"#{bar_of(first)}")
        alice.page.click(f"#{bar_of(first)}")
        alice.page.wait_for_url(f"{portal}/reservations/{first.code}/")

    assert words.startswith("First Confirmed · ")
