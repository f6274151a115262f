"""An operator's day in a browser: what is left over is detached, a quarantine cleared, a maintenance planned."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from fabric.models import Composition, ResourceBlock
from fabric.states import CompositionState
from portal.accounts.models import User
from portal.console.powers import operator_permissions
from scheduler.models import JournalEntry, Maintenance, Reservation
from scheduler.states import ReservationState
from tests.journeys.browser import PASSWORD, Visitor, browser, picture, portal, sync_api, visitor  # noqa: F401 - fixtures, too
from tests.journeys.waiting import eventually
from tests.processes import Spawn
from tests.scheduler.services.house import L40S, House, Truth

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
SECONDS = 45
expect = sync_api.expect


@pytest.fixture
def olga(portal: str) -> User:  # noqa: F811 - pytest's way to name a fixture
    """She operates; her password is everybody's."""
    user = User.objects.create_user("olga", is_staff=True)
    user.user_permissions.set(operator_permissions())
    User.objects.filter(pk=user.pk).update(password=User.objects.get(username="alice").password)
    return user


def act(one: Visitor, path: str, row: str, action: str, reason: str | None = None) -> None:
    """Choose a row of a list and what to do with it, and answer the page that asks."""
    one.open(path)
    one.page.locator("#result_list tr", has_text=row).locator("input.action-select").check()
    one.page.locator("select[name=action]").select_option(action)
    one.page.get_by_role("button", name="Go").click()
    if reason is not None:
        one.page.fill("#id_reason", reason)
    one.page.locator(".submit-row input[type=submit]").click()


def told(one: Visitor) -> Any:
    return one.page.locator(".messagelist")


def in_the_pool(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo("Europe/Berlin")).strftime("%Y-%m-%dT%H:%M")


def left_over(living: House, truth: Truth) -> str:
    """A node that is attached although the books closed it: what a restored backup leaves behind."""
    reservation = living.book({L40S: 1})
    living.settle()
    Composition.objects.filter(owner=reservation.code).update(state=CompositionState.CLOSED)
    Reservation.objects.filter(pk=reservation.pk).update(state=ReservationState.ENDED)
    (block,) = truth.attached()
    return block


def test_an_operator_mends_and_plans(
    living: House,
    truth: Truth,
    olga: User,
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    spawn_role: Spawn,
    tmp_path: Path,
) -> None:
    block = left_over(living, truth)
    spoilt = ResourceBlock.objects.filter(state="free", device_class__code=L40S).order_by("code").last()
    assert spoilt is not None
    ResourceBlock.objects.filter(pk=spoilt.pk).update(state="quarantined", state_reason="It was hot.")
    begin = (living.clock.now + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    ahead = living.book({L40S: 2}, starts_at=begin.isoformat(), ends_at=(begin + timedelta(hours=2)).isoformat())
    connection.close()

    with visitor(browser, portal) as one:
        one.sign_in("olga", PASSWORD)
        act(one, "/admin/fabric/pool/", "lab", "look_now")
        expect(told(one)).to_contain_text("There are new differences.")
        one.open("/pools/lab/")
        expect(one.page.locator("#fabric-trouble")).to_contain_text("1 difference")
        picture(one, "pool-trouble", tmp_path)
        act(one, "/admin/fabric/drift/?resolved_at__isempty=1", block, "detach_now", "Nobody needs it")
        expect(told(one)).to_contain_text(f"Being taken apart: orphan {block}")
        picture(one, "drift", tmp_path)
        spawn_role("beat", HEDDLE_DATA_DIR=str(tmp_path))
        eventually(lambda: truth.attached() == set(), seconds=SECONDS, what="taken apart")

        act(one, "/admin/fabric/resourceblock/?state__exact=quarantined", spoilt.code, "clear_quarantine", "It is cool")
        expect(told(one)).to_contain_text(f"Offered again: {spoilt.code}")

        ahead.refresh_from_db()  # what was left over, and what was spoilt, may have moved it already
        host = ahead.plan["nodes"][0]["host"]
        one.open(f"/admin/scheduler/maintenance/plan/?pool=lab&scope=host&target={host}")
        one.page.fill("#id_starts_at", in_the_pool(begin + timedelta(hours=1)))
        one.page.fill("#id_ends_at", in_the_pool(begin + timedelta(hours=4)))
        one.page.fill("#id_reason", "New fans")
        one.page.get_by_role("button", name="Show who is affected").click()
        expect(one.page.locator(f"#decision-{ahead.code} option:checked")).to_contain_text("Move it to")
        picture(one, "maintenance-preview", tmp_path)
        one.page.get_by_role("button", name="Plan it").click()
        expect(told(one)).to_contain_text("Planned: ")
        picture(one, "maintenance-list", tmp_path)
        one.open("/pools/lab/")
        expect(one.page.locator("#pool-lab")).to_contain_text(f"Host {host} will be in maintenance")
        picture(one, "pool-maintenance", tmp_path)
        one.open("/journal/?kind=maintenance")
        expect(one.page.locator("#journal-list")).to_contain_text("New fans")
        assert one.complaints == []

    assert Maintenance.objects.get().target == host
    ahead.refresh_from_db()
    assert ahead.plan["nodes"][0]["host"] != host
    kinds = set(JournalEntry.objects.filter(actor_name="olga").values_list("kind", flat=True))
    assert {"drift.found", "block.cleared", "maintenance.planned", "reservation.moved"} <= kinds
