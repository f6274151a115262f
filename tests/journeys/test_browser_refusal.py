"""A refusal in a browser: what would fit stands beside the reasons, and one click books it."""

from pathlib import Path
from typing import Any

import pytest

from portal.showing.shots import LOOKS, SIZES, Look
from tests.journeys.browser import PASSWORD, Visitor, browser, picture, portal, sync_api, visitor  # noqa: F401 - fixtures, too
from tests.journeys.building import fill_in
from tests.journeys.test_browser_look import faults
from tests.scheduler.services.house import H100, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
expect = sync_api.expect


def test_what_would_fit_is_booked_with_one_click(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    living: House,
    tmp_path: Path,
) -> None:
    living.book({H100: 4}, title="In the way")
    found: list[str] = []

    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        fill_in(alice, (H100, 8))
        verdict = alice.page.locator("#verdict")
        expect(verdict).to_contain_text("This is certain")
        expect(verdict.get_by_role("heading", name="What would fit")).to_be_visible()
        for look in LOOKS:
            found += looked_at(alice, look, f"refusal-{look}", tmp_path)
        verdict.get_by_role("button", name="Book Fewer").click()
        alice.page.wait_for_url("**/reservations/r-*/")

    assert (found, alice.complaints) == ([], [])


def looked_at(one: Visitor, look: Look, name: str, folder: Path) -> list[str]:
    """A picture, and what is wrong in it."""
    one.page.emulate_media(color_scheme=look.theme)
    one.page.set_viewport_size(SIZES[look.size])
    picture(one, name, folder)
    return faults(one.page, look)
