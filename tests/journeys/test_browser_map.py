"""The pool map in a browser: walked by keys, lighting up what belongs together, changing as the fabric is composed."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.browser import PASSWORD, browser, portal, sync_api, visitor  # noqa: F401 - fixtures, too
from tests.processes import Spawn
from tests.scheduler.services.house import H100, NVME, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
MILLISECONDS = 45_000
expect = sync_api.expect


def test_the_map_changes_as_a_reservation_is_composed_and_is_walked_by_keys(
    living: House,
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    spawn_role: Spawn,
    tmp_path: Path,
) -> None:
    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        alice.open("/pools/lab/map/")
        first = alice.page.locator("#map-rack-rack-1 a.cell").first
        first.focus()
        alice.page.keyboard.press("ArrowRight")
        expect(alice.page.locator("#cell-host-02")).to_be_focused()
        expect(alice.page.locator("#map-told")).to_contain_text("host-02 · host-standard · Free")
        alice.page.keyboard.press("End")
        expect(alice.page.locator("#cell-pru-02-n02")).to_be_focused()
        alice.page.keyboard.press("Home")
        expect(first).to_be_focused()
        assert alice.page.locator('a.cell[tabindex="0"]').count() == 1

        code = living.book({H100: 4, NVME: 2}).code
        expect(alice.page.locator("#cell-pru-02-s01.info.mine")).to_be_visible()
        expect(first).to_be_focused()
        for role in ("worker", "beat"):
            spawn_role(role, HEDDLE_DATA_DIR=str(tmp_path))
        expect(alice.page.locator("a.cell.card.ok")).to_have_count(4, timeout=MILLISECONDS)

        alice.page.locator("#cell-pru-02-s01").focus()
        expect(alice.page.locator("a.cell.lit")).to_have_count(1 + 4 + 2)
        expect(alice.page.locator(".map-lines path")).to_have_count(2)
        expect(alice.page.locator("#map-links tbody tr.lit")).to_have_count(2)
        alice.page.keyboard.press("Enter")
        alice.page.wait_for_url(f"**/reservations/{code}/")
        expect(alice.page.locator(".pic-link.ok")).to_have_count(2)
        assert alice.complaints == []
