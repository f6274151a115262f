"""One booking: extended from a page that says what it comes to, live without losing what the reader does."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from scheduler.services.extend import extend
from tests.journeys.browser import PASSWORD, browser, portal, sync_api, visitor  # noqa: F401 - fixtures, too
from tests.scheduler.services.house import L40S, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
expect = sync_api.expect
FOCUSED = "document.activeElement.id"
HOUR = timedelta(hours=1)


def test_what_is_unfolded_and_focused_stays_so_when_the_page_is_read_again(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    living: House,
) -> None:
    start = timezone.now().replace(second=0, microsecond=0) + timedelta(hours=3)
    reservation = living.book({L40S: 1}, starts_at=start.isoformat())

    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        alice.open(f"/reservations/{reservation.code}/")
        alice.page.click("#node-1-open")
        alice.page.focus("#do-copy")
        extend(
            reservation=reservation,
            ends_at=reservation.ends_at + timedelta(hours=1),
            by=living.by(living.alice),
            now=timezone.now(),
        )
        alice.page.wait_for_selector("text=Extended by 60 minutes")

        assert alice.page.evaluate("document.getElementById('node-1').open") is True
        assert alice.page.evaluate(FOCUSED) == "do-copy"
        assert alice.complaints == []


def test_what_happens_before_a_part_read_again_listens_is_read_too(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    living: House,
) -> None:
    start = timezone.now().replace(second=0, microsecond=0) + timedelta(hours=3)
    reservation = living.book({L40S: 1}, starts_at=start.isoformat())
    by = living.by(living.alice)

    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        alice.open(f"/reservations/{reservation.code}/")
        expect(alice.page.locator("body")).to_have_attribute("data-connection", "live")
        alice.page.evaluate("htmx.config.defaultSettleDelay = 3000")  # in which the new part is there and deaf
        with alice.page.expect_response(f"**/reservations/{reservation.code}/"):
            extend(reservation=reservation, ends_at=reservation.ends_at + HOUR, by=by, now=timezone.now())
        reservation.refresh_from_db()
        extend(reservation=reservation, ends_at=reservation.ends_at + 2 * HOUR, by=by, now=timezone.now())

        expect(alice.page.locator(".story")).to_contain_text("(5\u00a0h)")
        assert alice.complaints == []


@pytest.mark.parametrize("has_scripts", [True, False], ids=["with scripts", "without"])
def test_an_hour_more_is_two_clicks_that_say_what_it_costs(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    living: House,
    has_scripts: bool,
) -> None:
    start = timezone.now().replace(second=0, microsecond=0) + timedelta(hours=3)
    reservation = living.book({L40S: 1}, starts_at=start.isoformat())
    added = float(reservation.price["usd"]) / 2

    with visitor(browser, portal, java_script_enabled=has_scripts) as alice:
        alice.sign_in("alice", PASSWORD)
        alice.open(f"/reservations/{reservation.code}/")
        alice.page.click("#do-extend")
        assert f"adds ${added:,.2f}" in alice.page.inner_text(".ends > li:first-child")
        alice.page.click(".ends > li:first-child button")

        expect(alice.page.locator("#toasts")).to_contain_text("Extended: it ends")
        assert "(3\u00a0h)" in alice.page.inner_text(".story")
        assert alice.complaints == []
    reservation.refresh_from_db()
    assert reservation.ends_at - reservation.starts_at == timedelta(hours=3)
