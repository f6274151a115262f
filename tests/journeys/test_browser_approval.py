"""Bob books what needs consent; Alice reads what is asked and why, decides with a reason, and Bob is told.

What she is away for, Dora decides in her place.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scheduler.models import Reservation
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
from tests.scheduler.services.consenting import consent_in
from tests.scheduler.services.house import House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
expect = sync_api.expect


def let_decide(alice: Visitor, name: str, folder: Path) -> None:
    """For a day, in this zone's words."""
    until = datetime.now(UTC) + timedelta(days=1)
    alice.open("/approvals/")
    alice.page.fill("#to", name)
    alice.page.fill("#ends_at", f"{until:%Y-%m-%dT%H:%M}")
    alice.page.get_by_role("button", name="Let them decide").click()
    expect(alice.page.locator("#toasts")).to_contain_text(f"{name} decides for you from now on, and is told.")
    expect(alice.page.locator("#delegations")).to_contain_text(name)
    picture(alice, "delegation", folder)


def decides_for_alice(dora: Visitor, code: str) -> None:
    dora.open("/approvals/")
    expect(dora.page.locator("#approval-list")).to_contain_text("you decide for alice")
    dora.page.locator(f"#decide-{code}").click()
    dora.page.locator("#approve").click()
    expect(dora.page.locator("#approval-list")).to_contain_text("Nothing waits for you.")
    assert dora.complaints == []


def test_alice_decides_on_what_bob_booked(
    living: House,
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    consent = consent_in(living)
    consent.rule(devices_over=1, decide_minutes=120)
    first, second = (consent.book(2, title=title) for title in ("Evaluation", "Load test"))

    with visitor(browser, portal) as bob:
        bob.sign_in("bob", PASSWORD)
        bob.open(f"/reservations/{first.code}/")
        expect(bob.page.locator("#consent")).to_contain_text("It waits for the consent of a lead of the project")
        picture(bob, "consent-waiting", tmp_path)
        assert bob.complaints == []

    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        alice.open("/approvals/")
        expect(alice.page.locator("#approval-list li")).to_have_count(2)
        picture(alice, "approvals", tmp_path)
        alice.page.emulate_media(color_scheme="dark")
        picture(alice, "approvals-dark", tmp_path)
        alice.page.emulate_media(color_scheme="light")

        alice.page.locator(f"#decide-{first.code}").click()
        alice.page.locator("#reject").click()
        expect(alice.page.get_by_role("alert")).to_contain_text("Say why: who asked is told.")
        alice.page.fill("#reason", "Ask for one card.")
        picture(alice, "approval", tmp_path)
        alice.page.set_viewport_size(PHONE)
        assert alice.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        picture(alice, "approval-phone", tmp_path)
        alice.page.locator("#reject").click()
        expect(alice.page.locator("#approval-list li")).to_have_count(1)
        assert alice.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        picture(alice, "approvals-phone", tmp_path)

        let_decide(alice, "dora", tmp_path)
        assert [words for words in alice.complaints if "400" not in words] == []

    with visitor(browser, portal) as dora:
        dora.sign_in("dora", PASSWORD)
        decides_for_alice(dora, second.code)

    with visitor(browser, portal) as bob:
        bob.sign_in("bob", PASSWORD)
        bob.open("/notices/")
        expect(bob.page.locator("#notice-list")).to_contain_text("Rejected by alice: Ask for one card.")
        expect(bob.page.locator("#notice-list")).to_contain_text("Approved by dora.")
        bob.open(f"/reservations/{first.code}/")
        expect(bob.page.locator("#consent")).to_contain_text("Ask for one card.")
        picture(bob, "consent-rejected", tmp_path)
        assert bob.complaints == []

    states = {one.code: one.state for one in Reservation.objects.filter(pk__in=[first.pk, second.pk])}
    assert states == {first.code: "rejected", second.code: "confirmed"}
