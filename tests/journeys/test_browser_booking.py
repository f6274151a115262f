"""The main job in a browser: book, watch it being composed, end it early, find everything free again."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.browser import PASSWORD, browser, picture, portal, sync_api, visitor  # noqa: F401 - fixtures, too
from tests.journeys.building import book, fill_in, state
from tests.processes import Spawn
from tests.scheduler.services.house import H100, NVME, Truth

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
MILLISECONDS = 45_000
CHECK_MILLISECONDS = 1_000  # longer than the pause after which a form is checked
BLOCKS = 36  # of the lab pool
expect = sync_api.expect


def test_alice_books_watches_and_gives_back(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    truth: Truth,
    spawn_role: Spawn,
    tmp_path: Path,
) -> None:
    with visitor(browser, portal) as alice:
        alice.sign_in_by_form("alice", PASSWORD)
        fill_in(alice, (H100, 4), (NVME, 2))
        expect(alice.page.locator("#verdict")).to_contain_text("It fits")
        expect(alice.page.locator("#verdict")).to_contain_text("$24.56")
        picture(alice, "booking", tmp_path)
        code = book(alice)
        expect(state(alice)).to_have_text("Confirmed")
        alice.watch(".pill.big")
        for role in ("worker", "beat"):
            spawn_role(role, HEDDLE_DATA_DIR=str(tmp_path))
        expect(state(alice)).to_have_text("Active", timeout=MILLISECONDS)
        assert alice.shown() == ["Confirmed", "Composing", "Active"]
        names = alice.page.locator(".steps > li > .strong").all_inner_texts()
        assert names == ["Inspect", "Compose", "Prove", "Grant access"]
        assert len(truth.attached()) == 6
        expect(alice.page.locator(f"#reservation-{code} td code", has_text="10de:2321")).to_have_count(4)
        picture(alice, "active", tmp_path)

        alice.page.get_by_role("link", name="End early").click()
        alice.page.get_by_role("button", name="End it now").click()
        alice.page.wait_for_url(f"**/reservations/{code}/")
        alice.watch(".pill.big")
        expect(state(alice)).to_have_text("Ended", timeout=MILLISECONDS)
        assert alice.shown() in (["Releasing", "Ended"], ["Active", "Releasing", "Ended"])
        picture(alice, "ended", tmp_path)

        alice.open("/pools/lab/")
        expect(alice.page.locator(".slot.free")).to_have_count(BLOCKS)
        assert truth.attached() == set()
        assert alice.complaints == []


def test_charlie_hears_why_not_and_takes_the_next_free_time(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        fill_in(alice, (H100, 8))
        book(alice)
    with visitor(browser, portal) as charlie:
        charlie.sign_in("charlie", PASSWORD)
        fill_in(charlie, (H100, 4))
        verdict = charlie.page.locator("#verdict")
        expect(verdict).to_contain_text("DEVICE_BUSY · need 4, have 0 devices")
        picture(charlie, "refused", tmp_path)
        verdict.get_by_role("button", name="Fill in Later").click()
        expect(charlie.page.locator("#verdict")).to_contain_text("It fits")
        book(charlie)
        expect(state(charlie)).to_have_text("Confirmed")
        assert charlie.complaints == []


def test_a_field_that_is_left_is_not_checked_again(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
) -> None:
    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        fill_in(alice, (H100, 4))
        expect(alice.page.locator("#verdict")).to_contain_text("$24.56")
        asked: list[str] = []
        alice.page.on("request", lambda request: asked.append(request.url))
        alice.page.locator("#group-0-line-0-count").fill("2")
        expect(alice.page.locator("#verdict")).to_contain_text("$12.28")
        after_typing = len(asked)
        alice.page.locator("#title").focus()
        alice.page.wait_for_timeout(CHECK_MILLISECONDS)
        after_leaving = len(asked)
        alice.page.locator("#title").fill("Another")
        with alice.page.expect_response("**/reservations/check/"):
            alice.page.locator("#zone").focus()

        assert (after_typing, after_leaving - after_typing) == (1, 0)
        assert alice.complaints == []


def test_all_of_it_works_without_scripts(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    with visitor(browser, portal, java_script_enabled=False) as alice:
        alice.sign_in_by_form("alice", PASSWORD)
        fill_in(alice, (H100, 4), (NVME, 2))
        alice.page.locator("#check").get_by_role("button", name="Check").click()
        expect(alice.page.locator("#verdict")).to_contain_text("It fits")
        code = book(alice)
        alice.page.get_by_role("link", name="Cancel").click()
        picture(alice, "cancel", tmp_path)
        alice.page.get_by_role("button", name="Cancel the reservation").click()
        alice.page.wait_for_url(f"**/reservations/{code}/")
        expect(state(alice)).to_have_text("Cancelled")
