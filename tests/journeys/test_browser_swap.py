"""A device fails in a booking in use: its holder reads it live, asks for the swap, and sees the new one at work."""

from pathlib import Path
from typing import Any

import pytest

from fabric.drivers.emulator import mischief
from scheduler.models import Reservation
from scheduler.tasks import utc_now
from tests.journeys.browser import PASSWORD, browser, picture, portal, sync_api, visitor  # noqa: F401 - fixtures, too
from tests.processes import Spawn
from tests.scheduler.services.house import L40S, House, Truth

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
MILLISECONDS = 45_000
TOLD_MILLISECONDS = 120_000  # two listings of the fabric, on slow cores
expect = sync_api.expect


def test_alice_reads_that_a_device_failed_and_swaps_it(
    living: House,
    truth: Truth,
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    spawn_role: Spawn,
    tmp_path: Path,
) -> None:
    reservation = living.book({L40S: 2})
    failed, kept = reservation.plan["nodes"][0]["blocks"]
    for role in ("worker", "beat"):
        spawn_role(role, HEDDLE_DATA_DIR=str(tmp_path))

    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        alice.open(f"/reservations/{reservation.code}/")
        expect(alice.page.locator(".pill.big")).to_have_text("Active", timeout=MILLISECONDS)

        mischief.fail(path=truth.path, block=failed, now=utc_now().timestamp())
        notice = alice.page.locator(f"#failed-{failed}")
        expect(notice).to_contain_text("has failed", timeout=TOLD_MILLISECONDS)
        picture(alice, "failed", tmp_path)
        alice.page.emulate_media(color_scheme="dark")
        picture(alice, "failed-dark", tmp_path)

        alice.page.locator(f"#swap-{failed}").click()
        pair = alice.page.locator(f"#pair-{failed} code")
        expect(pair).to_have_count(2)
        replacement = pair.nth(1).inner_text()
        assert replacement not in (failed, kept)
        picture(alice, "swap-dark", tmp_path)
        alice.page.emulate_media(color_scheme="light")
        picture(alice, "swap", tmp_path)
        alice.page.fill("#reason", "It fell off the bus")
        alice.page.get_by_role("button", name="Swap it now").click()
        alice.page.wait_for_url(f"**/reservations/{reservation.code}/")

        row = alice.page.locator(f"#block-{replacement}")
        expect(row.locator(".mark")).to_have_text("Attached", timeout=MILLISECONDS)
        expect(alice.page.locator(f"#block-{failed}")).to_have_count(0)
        expect(notice).to_have_count(0, timeout=MILLISECONDS)
        expect(alice.page.locator(".pill.big")).to_have_text("Active")
        expect(alice.page.locator(".steps")).to_contain_text("Change devices")
        picture(alice, "swapped", tmp_path)
        alice.open("/notices/")
        expect(alice.page.locator("#notice-list")).to_contain_text(failed)
        picture(alice, "notices", tmp_path)
        assert alice.complaints == []

    reservation = Reservation.objects.get(pk=reservation.pk)
    assert (set(reservation.plan["nodes"][0]["blocks"]), reservation.state) == ({kept, replacement}, "active")
    assert truth.attached() == {kept, replacement}
