"""A project's hours: seen on its page, refused beyond, raised in the console, told when they are nearly used."""

from pathlib import Path
from typing import Any

import pytest

from fabric.models import DeviceClass
from portal.accounts.models import User
from portal.console.powers import operator_permissions
from scheduler.models import Ceiling, Quota
from tests.journeys.browser import PASSWORD, PHONE, browser, picture, portal, sync_api, visitor  # noqa: F401 - fixtures
from tests.journeys.building import book, fill_in, verdict
from tests.scheduler.services.house import A100, L40S, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
expect = sync_api.expect


def test_hours_are_refused_raised_and_told(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    living: House,
    tmp_path: Path,
) -> None:
    quota = Quota.objects.get(project__slug="team-chat")
    Quota.objects.filter(pk=quota.pk).update(hours_per_7_days=10, hours_per_30_days=400, horizon_days=20)
    Ceiling.objects.create(quota=quota, device_class=DeviceClass.objects.get(code=A100), devices_max=2)
    olga = User.objects.create_user("olga", password=PASSWORD, is_staff=True)
    olga.user_permissions.set(operator_permissions())
    living.book({L40S: 2}, duration_minutes=150)  # 5 of 10 hours

    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        alice.open("/projects/team-chat/")
        ceilings = alice.page.locator("#quota-lab .ceilings")
        expect(ceilings).to_contain_text("in any 7 days")
        expect(alice.page.locator("#quota-lab")).to_contain_text("Bookings begin at most 20 days ahead.")
        picture(alice, "quota-page", tmp_path)
        fill_in(alice, (L40S, 4))
        expect(verdict(alice)).to_contain_text("team-chat may use 10 hours of accelerators in any 7 days")
        picture(alice, "quota-refused", tmp_path)
        assert alice.complaints == []

    with visitor(browser, portal) as operator:
        operator.sign_in("olga", PASSWORD)
        operator.open(f"/admin/scheduler/quota/{quota.pk}/change/")
        operator.page.get_by_label("Hours per 7 days").fill("15")
        operator.page.get_by_role("button", name="Save", exact=True).click()
        expect(operator.page.locator(".messagelist")).to_contain_text("was changed successfully")

    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        fill_in(alice, (L40S, 4))
        expect(verdict(alice)).to_contain_text("It fits")
        book(alice)
        alice.open("/notices/")
        expect(alice.page.locator("#notice-list")).to_contain_text("of its 15 hours of accelerators")
        alice.open("/projects/team-chat/")
        alice.page.emulate_media(color_scheme="dark")
        alice.page.set_viewport_size(PHONE)
        picture(alice, "quota-page-phone-dark", tmp_path)
        assert alice.complaints == []
