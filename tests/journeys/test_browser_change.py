"""One booking through its changes in the browser: moved, shortened, told to extend itself, bounded, and handed over."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.models import User
from scheduler.models import Membership
from scheduler.services.elastic import give_back_due
from scheduler.states import ProjectRole
from tests.journeys.browser import PASSWORD, Visitor, browser, portal, visitor  # noqa: F401 - fixtures, too
from tests.scheduler.services.house import H100, L40S, House
from tests.scheduler.services.resizing import active, book, group

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
HOUR = timedelta(hours=1)


def later(alice: Visitor, field: str, by: timedelta) -> None:
    """On the clock that the page shows."""
    shown = datetime.fromisoformat(alice.page.input_value(f"#{field}"))
    alice.page.fill(f"#{field}", (shown + by).isoformat(timespec="minutes"))


def go(alice: Visitor, code: str, verb: str) -> None:
    alice.open(f"/reservations/{code}/")
    alice.page.click("#more-acts > summary")
    alice.page.click(f"#do-{verb}")
    alice.page.wait_for_selector("#wish")


def gives_back(living: House, alice: Visitor) -> None:
    """Two nodes are in use and one of them is the floor: the other goes, in time, to who books its cards later."""
    mine = active(living, [group(2, {H100: 4}, "decode")], title="Decode", duration_minutes=360)
    go(alice, mine.code, "elastic")
    alice.page.fill("#floor-0", "1")
    alice.page.fill("#ceiling-0", "2")
    alice.page.fill("#profile-0", "1234567 00:00-24:00 2")
    assert "has 1 to 2 nodes" in do(alice, "Set it so")
    begin = living.clock.now + 2 * HOUR
    book(living, [group(1, {H100: 4})], project="team-research", starts_at=begin.isoformat())
    alice.open("/notices/")
    assert "Gives back 1 decode node above its floor" in alice.page.inner_text("#notice-list")

    living.clock.now = begin - timedelta(minutes=10)
    assert give_back_due(now=living.clock.now) == 1
    living.settle()
    alice.open(f"/reservations/{mine.code}/")
    assert (alice.page.locator("#node-1").count(), alice.page.locator("#node-2").count()) == (1, 0)


def do(alice: Visitor, button: str) -> str:
    """First what it would do, then the act; what was said of it."""
    alice.page.click("text=Show what it would do")
    alice.page.wait_for_selector("#outlook")
    alice.page.click(f"button:has-text('{button}')")
    alice.page.wait_for_selector("#toasts li, #toasts .toast")
    said: str = alice.page.inner_text("#toasts")
    return said


@pytest.mark.parametrize("has_scripts", [True, False], ids=["with scripts", "without"])
def test_each_change_says_what_it_does_before_it_does_it(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    living: House,
    has_scripts: bool,
) -> None:
    start = timezone.now().replace(second=0, microsecond=0) + 3 * HOUR
    one = living.book({L40S: 1}, starts_at=start.isoformat())
    bob = User.objects.create_user("bob")
    Membership.objects.create(user=bob, project=one.project, role=ProjectRole.MEMBER)

    with visitor(browser, portal, java_script_enabled=has_scripts) as alice:
        alice.sign_in("alice", PASSWORD)
        go(alice, one.code, "move")
        later(alice, "starts_at", HOUR)
        later(alice, "ends_at", 2 * HOUR)
        assert "Moved: it begins" in do(alice, "Move it")
        go(alice, one.code, "shorten")
        later(alice, "ends_at", -HOUR / 2)
        assert "Shortened: it ends" in do(alice, "Shorten it")
        go(alice, one.code, "auto-extend")
        assert "It extends itself, while it fits, until" in do(alice, "Let it extend itself")
        go(alice, one.code, "elastic")
        alice.page.fill("#floor-0", "1")
        alice.page.fill("#ceiling-0", "3")
        alice.page.fill("#profile-0", "12345 09:00-17:00 2")
        assert "has 1 to 3 nodes" in do(alice, "Set it so")
        go(alice, one.code, "hand-over")
        alice.page.select_option("#user", "bob")
        assert "Handed over: it is bob" in do(alice, "Hand it over")

        assert alice.page.inner_text("#elastic").startswith("Elastic:")
        if has_scripts:
            gives_back(living, alice)
        assert alice.complaints == []
    before = one.starts_at
    one.refresh_from_db()
    assert (one.starts_at, one.created_by, one.version) == (before + HOUR, bob, 6)
