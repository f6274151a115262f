"""Prefill makes way for more decode while both run: what comes and goes is read first, then done, and seen by all."""

from pathlib import Path
from typing import Any

import pytest

from scheduler.models import Reservation
from tests.journeys.browser import (  # noqa: F401 - fixtures, too
    PASSWORD,
    PHONE,
    browser,
    picture,
    portal,
    sync_api,
    visitor,
)
from tests.processes import Spawn
from tests.scheduler.services.house import A100, L40S, House, Truth
from tests.scheduler.services.resizing import blocks_of, book, group, nodes_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
MILLISECONDS = 120_000  # a node comes, and then one goes, on slow cores
expect = sync_api.expect


def test_alice_gives_up_prefill_for_decode_while_it_is_in_use(
    living: House,
    truth: Truth,
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    spawn_role: Spawn,
    tmp_path: Path,
) -> None:
    reservation = book(living, [group(1, {A100: 1}, "prefill"), group(1, {L40S: 2}, "decode")], title="70B, split")
    before = nodes_of(reservation)
    for role in ("worker", "beat"):
        spawn_role(role, HEDDLE_DATA_DIR=str(tmp_path))

    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        alice.open(f"/reservations/{reservation.code}/")
        expect(alice.page.locator(".pill.big")).to_have_text("Active", timeout=MILLISECONDS)
        alice.page.locator("#do-resize").click()
        picture(alice, "resize-form", tmp_path)

        alice.page.fill("#nodes-0", "9")
        alice.page.get_by_role("button", name="Show what it would do").click()
        expect(alice.page.locator(".note.warn")).to_contain_text("It cannot be done so; nothing has changed.")
        picture(alice, "resize-refused", tmp_path)

        alice.page.fill("#nodes-0", "0")
        alice.page.fill("#nodes-1", "2")
        alice.page.get_by_role("button", name="Show what it would do").click()
        outlook = alice.page.locator("section[aria-labelledby=outlook]")
        expect(outlook).to_contain_text(before[0][2][0])
        picture(alice, "resize", tmp_path)
        alice.page.emulate_media(color_scheme="dark")
        picture(alice, "resize-dark", tmp_path)
        alice.page.emulate_media(color_scheme="light")
        alice.page.set_viewport_size(PHONE)
        assert alice.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        picture(alice, "resize-phone", tmp_path)
        alice.page.set_viewport_size({"width": 1280, "height": 900})

        alice.page.get_by_role("button", name="Resize it now").click()
        alice.page.wait_for_url(f"**/reservations/{reservation.code}/")
        expect(alice.page.locator("#resizing")).to_contain_text("Its mix is being changed.")
        picture(alice, "resizing", tmp_path)
        expect(alice.page.locator("#resizing")).to_have_count(0, timeout=MILLISECONDS)
        expect(alice.page.locator("#node-3")).to_contain_text("decode")
        expect(alice.page.locator("#node-1")).to_have_count(0)
        picture(alice, "resized", tmp_path)
        assert alice.complaints == []

    after = nodes_of(Reservation.objects.get(pk=reservation.pk))
    assert (after[1], set(after)) == (before[1], {1, 2})
    assert truth.attached() == blocks_of(reservation)
