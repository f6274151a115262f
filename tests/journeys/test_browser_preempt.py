"""A booking that does not fit beside one of low priority: who gives way is seen first, agreed to, and told at once."""

from pathlib import Path
from typing import Any

import pytest

from scheduler.models import Reservation
from tests.journeys.browser import PASSWORD, browser, picture, portal, sync_api, visitor  # noqa: F401 - fixtures, too
from tests.journeys.building import booked, fill_in, verdict
from tests.scheduler.services.house import H100, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
expect = sync_api.expect
PHONE = {"width": 390, "height": 844}


def test_alice_sees_who_gives_way_and_charlie_is_told(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    living: House,
    tmp_path: Path,
) -> None:
    low = living.book({H100: 8}, project="team-research", priority="low", title="Fills in", duration_minutes=600)
    living.settle()

    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        fill_in(alice, (H100, 4))
        expect(verdict(alice)).to_contain_text("if a reservation of low priority gives way: 1 of other projects")
        picture(alice, "preempt-offer", tmp_path)
        verdict(alice).get_by_role("button", name="Fill in In the place of low priority").click()
        expect(alice.page.locator("#giving-way")).to_contain_text("Booking it tells them at once")
        picture(alice, "preempt-agreed", tmp_path)
        alice.page.emulate_media(color_scheme="dark")
        alice.page.set_viewport_size(PHONE)
        picture(alice, "preempt-agreed-phone-dark", tmp_path)
        alice.page.locator("#book-bar button").click()
        code = booked(alice)
        expect(alice.page.get_by_text("Guaranteed: its devices for its whole window")).to_be_visible()
        assert alice.complaints == []

    with visitor(browser, portal) as charlie:
        charlie.sign_in("charlie", PASSWORD)
        charlie.open(f"/reservations/{low.code}/")
        expect(charlie.page.locator("#gives-way")).to_contain_text("It gives way to a higher priority at")
        expect(charlie.page.locator("#do-extend")).to_have_count(0)
        picture(charlie, "preempt-told", tmp_path)
        charlie.page.emulate_media(color_scheme="dark")
        charlie.page.set_viewport_size(PHONE)
        picture(charlie, "preempt-told-phone-dark", tmp_path)
        charlie.open("/notices/")
        expect(charlie.page.locator("#notice-list")).to_contain_text("Gives way to a booking of higher priority")
        assert (code in charlie.page.content(), charlie.complaints) == (False, [])

    assert Reservation.objects.get(pk=low.pk).preempted_for == Reservation.objects.get(code=code)
