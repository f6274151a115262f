"""Something does not fit: it is waited for from the refusal, seen in its place, offered when it fits, and accepted."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from scheduler.models import Reservation
from scheduler.requests import SYSTEM
from scheduler.services.cancel import cancel
from scheduler.services.promote import promote
from tests.journeys.browser import PASSWORD, PHONE, browser, picture, portal, sync_api, visitor  # noqa: F401
from tests.journeys.building import booked, fill_in, state, verdict
from tests.scheduler.services.house import H100, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
expect = sync_api.expect


def test_alice_waits_for_what_does_not_fit_and_accepts_it(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    living: House,
    tmp_path: Path,
) -> None:
    in_the_way = living.book({H100: 8}, project="team-research", title="Fills it", duration_minutes=23 * 60)
    until = datetime.now(UTC) + timedelta(hours=12)

    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        fill_in(alice, (H100, 8))
        expect(verdict(alice)).to_contain_text("It does not fit")
        alice.page.locator("#zone").select_option("UTC")
        alice.page.locator("#wait summary").click()
        alice.page.locator("#wait_until").fill(f"{until:%Y-%m-%dT%H:%M}")
        picture(alice, "wait-asked", tmp_path)
        alice.page.locator("#wait-for-it").click()
        code = booked(alice)
        expect(state(alice)).to_contain_text("Waitlisted")
        expect(alice.page.locator(f"#wait-{code}-title")).to_have_text("Place 1 of 1")

        promote(now=timezone.now())
        alice.open(f"/reservations/{code}/")
        expect(alice.page.locator(f"#wait-{code}")).to_contain_text("If 1 reservation in its way ends early")
        picture(alice, "wait-place", tmp_path)
        alice.page.emulate_media(color_scheme="dark")
        alice.page.set_viewport_size(PHONE)
        picture(alice, "wait-place-phone-dark", tmp_path)
        alice.open("/waitlist/")
        expect(alice.page.locator(f"#wait-{code}-row")).to_contain_text("1 of 1")
        picture(alice, "waitlist-phone-dark", tmp_path)

        cancel(reservation=in_the_way, by=SYSTEM, now=timezone.now())
        promote(now=timezone.now())
        alice.open(f"/reservations/{code}/")
        expect(alice.page.locator("#offered")).to_contain_text("Its turn has come")
        picture(alice, "wait-offered", tmp_path)
        alice.page.locator("#do-confirm").click()
        alice.page.get_by_role("button", name="Confirm").click()
        expect(state(alice)).to_contain_text("Confirmed")
        assert alice.complaints == []

    assert Reservation.objects.get(code=code).state == "confirmed"
