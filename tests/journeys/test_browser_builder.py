"""The builder by keyboard alone: pick, complete, take back, bring back what was typed, and book; Enter never books."""

from typing import Any

import pytest

from tests.journeys.browser import PASSWORD, browser, portal, sync_api, visitor  # noqa: F401 - fixtures, too
from tests.scheduler.services.house import A100, H100

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
expect = sync_api.expect
FIND, SELECT, SELECTOR = (
    "#group-0-line-0-device_class-find",
    "#group-0-line-0-device_class",
    "#group-0-line-0-selector",
)


def test_a_mix_is_built_and_booked_without_a_mouse(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
) -> None:
    with visitor(browser, portal) as alice:
        alice.sign_in_by_form("alice", PASSWORD)
        alice.open("/reservations/new/")
        page, keys = alice.page, alice.page.keyboard
        expect(page.get_by_role("heading", name="What do you want to run?")).to_be_visible()
        page.locator(FIND).focus()
        keys.type("h100")
        keys.press("Enter")
        expect(page.locator(SELECT)).to_have_value(H100)
        keys.press("Tab")
        keys.type("2")  # over the one that stands there
        expect(page.locator("#verdict")).to_contain_text("$12.28")
        expect(page.locator("#verdict .picture")).to_be_visible()
        keys.press("Enter")
        expect(page).to_have_url(f"{portal}/reservations/new/")

        page.locator("#remove-line-0-0").press("Enter")
        expect(page.locator("#undo-edit")).to_be_focused()
        keys.press("Enter")
        expect(page.locator(FIND)).to_be_focused()
        expect(page.locator("#group-0-line-0-count")).to_have_value("2")

        page.locator("#group-0-line-0-fold > summary").press("Enter")
        page.locator(SELECTOR).focus()
        keys.type("device.memory_gi")
        expect(page.locator(f"{SELECTOR}-words [role=option]")).to_have_count(1)
        keys.press("ArrowDown")
        keys.press("Enter")
        keys.type("== 80")
        expect(page.locator(f"{SELECTOR}-matches")).to_contain_text("4 free now.")
        expect(page.locator(SELECTOR)).to_have_value("device.memory_gib == 80")
        expect(page.locator(SELECT)).to_have_value("")
        expect(page.locator("#verdict")).to_contain_text("A100")

        page.locator("#title").fill("Kept")
        alice.open("/pools/")
        alice.open("/reservations/new/")
        page.get_by_role("button", name="Bring it back").press("Enter")
        expect(page.locator("#title")).to_have_value("Kept")
        expect(page.locator("#verdict")).to_contain_text("It fits")
        page.locator("#title").press("Control+Enter")
        page.wait_for_url("**/reservations/r-*/")
        expect(page.locator("h1")).to_contain_text("Kept")
        alice.open(f"/reservations/new/?device_class={A100}")
        expect(page.locator("#draft")).to_be_hidden()
        assert alice.complaints == []
