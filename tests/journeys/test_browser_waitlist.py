"""Something does not fit: it is waited for from the refusal, seen in its place, offered when it fits, and accepted.

Or one only asks to be told when it would fit.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from scheduler.models import Reservation
from scheduler.requests import SYSTEM
from scheduler.services.alerts import LOOK_AGAIN, tell_of_capacity
from scheduler.services.cancel import cancel
from scheduler.services.promote import promote
from tests.journeys.browser import (  # noqa: F401 - fixtures, too
    PASSWORD,
    PHONE,
    Visitor,
    browser,
    picture,
    portal,
    sync_api,
    visitor,
)
from tests.journeys.building import booked, fill_in, state, verdict
from tests.scheduler.services.house import H100, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
expect = sync_api.expect


def ask_to_wait(alice: Visitor, until: datetime, count: int) -> None:
    fill_in(alice, (H100, count))
    expect(verdict(alice)).to_contain_text("It does not fit")
    alice.page.locator("#zone").select_option("UTC")
    alice.page.locator("#wait summary").click()
    alice.page.locator("#wait_until").fill(f"{until:%Y-%m-%dT%H:%M}")


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
        ask_to_wait(alice, until, 4)
        alice.page.locator("#hear-of-it").click()
        expect(alice.page.locator("section[aria-labelledby=alerts]")).to_contain_text("Not yet")
        ask_to_wait(alice, until, 8)
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

        assert tell_of_capacity(now=timezone.now()) == 0
        cancel(reservation=in_the_way, by=SYSTEM, now=timezone.now())
        assert tell_of_capacity(now=timezone.now() + LOOK_AGAIN) == 1
        alice.open("/notices/")
        expect(alice.page.locator("#notice-list")).to_contain_text("What you asked to hear of fits from")
        promote(now=timezone.now())
        alice.open(f"/reservations/{code}/")
        expect(alice.page.locator("#offered")).to_contain_text("Its turn has come")
        picture(alice, "wait-offered", tmp_path)
        alice.page.locator("#do-confirm").click()
        alice.page.get_by_role("button", name="Confirm").click()
        expect(state(alice)).to_contain_text("Confirmed")
        assert alice.complaints == []

    assert Reservation.objects.get(code=code).state == "confirmed"
