"""A mix is repeated from the builder, checked, booked, moved to another hour, and the rest of it cancelled."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scheduler.models import Reservation, Series
from tests.journeys.browser import PASSWORD, PHONE, browser, picture, portal, sync_api, visitor  # noqa: F401
from tests.journeys.building import fill_in
from tests.scheduler.services.house import L40S, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
expect = sync_api.expect


def test_alice_repeats_a_mix_moves_it_and_ends_it(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    living: House,
    tmp_path: Path,
) -> None:
    first = (datetime.now(UTC) + timedelta(days=2)).replace(hour=9, minute=0)

    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        fill_in(alice, (L40S, 2))
        alice.page.locator("#repeat-it").click()
        expect(alice.page.locator("#what")).to_be_visible()
        alice.page.locator("#zone").select_option("UTC")
        alice.page.locator("#starts_local").fill(f"{first:%Y-%m-%dT%H:%M}")
        alice.page.locator("#count").fill("3")
        alice.page.locator("#check").click()
        expect(alice.page.locator("#checked-title")).to_have_text("All 3 fit")
        picture(alice, "series-checked", tmp_path)
        alice.page.locator("#book").click()
        expect(alice.page.locator("li[id^=occurrence-]")).to_have_count(3)
        picture(alice, "series-booked", tmp_path)

        alice.page.locator("#starts_local").fill(f"{first:%Y-%m-%dT}14:00")
        alice.page.locator("#change-series").click()
        expect(alice.page.locator("dl.kv").first).to_contain_text("at 14:00")
        alice.page.emulate_media(color_scheme="dark")
        alice.page.set_viewport_size(PHONE)
        picture(alice, "series-phone-dark", tmp_path)

        alice.page.locator("#end-series").click()
        expect(alice.page.locator("h1 + .pill")).to_have_text("Ended")
        assert alice.complaints == []

    assert Series.objects.get().ended_at is not None
    assert {row.state for row in Reservation.objects.all()} == {"cancelled"}
