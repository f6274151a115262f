"""A refusal in a browser: what would fit stands beside the reasons, and one click books it."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.browser import PASSWORD, PHONE, WIDE, browser, picture, portal, sync_api, visitor  # noqa: F401 - fixtures, too
from tests.journeys.building import fill_in
from tests.journeys.test_browser_look import AXE, CHECK, TAGS
from tests.scheduler.services.house import H100, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
expect = sync_api.expect


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_what_would_fit_is_booked_with_one_click(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    living: House,
    scheme: str,
    size: dict[str, int],
    tmp_path: Path,
) -> None:
    living.book({H100: 4}, title="In the way")
    name = f"{'phone' if size is PHONE else 'wide'}-{scheme}"

    with visitor(browser, portal, viewport=size, color_scheme=scheme, bypass_csp=True) as alice:
        alice.sign_in("alice", PASSWORD)
        fill_in(alice, (H100, 8))
        verdict = alice.page.locator("#verdict")
        expect(verdict).to_contain_text("This is certain")
        expect(verdict.get_by_role("heading", name="What would fit")).to_be_visible()
        picture(alice, f"refusal-{name}", tmp_path)
        alice.page.evaluate(AXE.read_text())
        found = alice.page.evaluate(CHECK, TAGS)
        width = alice.page.evaluate("document.documentElement.scrollWidth")
        verdict.get_by_role("button", name="Book Fewer").click()
        alice.page.wait_for_url("**/reservations/r-*/")

    assert (found, width <= size["width"], alice.complaints) == ([], True, [])
