"""A project's hours: seen on its page, refused beyond, raised in the console, told when they are nearly used.

And what they cost: the operator makes nights cheaper, Alice books one, and keeps its price when the rate has ended.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from fabric.models import DeviceClass
from portal.accounts.models import User
from portal.console.powers import operator_permissions
from scheduler.models import Ceiling, Quota, Rate
from scheduler.requests import SYSTEM
from scheduler.services.rates import end_rate
from tests.journeys.browser import (  # noqa: F401 - fixtures, too
    PASSWORD,
    PHONE,
    Visitor,
    browser,
    picture,
    portal,
    sync_api,
    visitor,
)
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
        make_nights_cheaper(operator)

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
        books_a_night(alice, tmp_path)
        assert alice.complaints == []


def make_nights_cheaper(operator: Visitor) -> None:
    """From midnight to six, half of what it costs by day."""
    operator.open("/admin/scheduler/rate/add/")
    operator.page.get_by_label("Pool").select_option(label="lab")
    operator.page.get_by_label("Until minute").fill("360")
    operator.page.get_by_label("Percent").fill("50")
    operator.page.get_by_role("button", name="Save", exact=True).click()
    expect(operator.page.locator(".messagelist")).to_contain_text("was added successfully")


def books_a_night(alice: Visitor, folder: Path) -> None:
    """Two cards for two hours: $1.55 an hour by day, $6.20 in all; $3.10 by night."""
    alice.page.emulate_media(color_scheme="light")
    day = timezone.now() + timedelta(days=10)
    fill_in(alice, (L40S, 2))
    alice.page.locator("#zone").select_option("Europe/Berlin")
    alice.page.locator("input[name=start][value=at]").check()
    alice.page.locator("#starts_at").fill(f"{day:%Y-%m-%d}T13:00")
    expect(alice.page.locator(".price-total")).to_have_text("$6.20")
    alice.page.locator("#starts_at").fill(f"{day:%Y-%m-%d}T01:00")
    expect(alice.page.locator(".price-total")).to_have_text("$3.10")
    code = book(alice)
    expect(alice.page.locator(".price-total")).to_have_text("$3.10")

    alice.open("/pools/lab/rates/")
    row = alice.page.locator(f"#rate-{L40S}")
    expect(row).to_contain_text("$0.775 every day 00:00–06:00")
    expect(row).to_contain_text("$1.55 otherwise")
    assert alice.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(alice, "rates-phone", folder)

    end_rate(rate=Rate.objects.get(), at=(now := timezone.now()), by=SYSTEM, now=now)
    alice.open(f"/reservations/{code}/")
    expect(alice.page.locator(".price-total")).to_have_text("$3.10")
    alice.page.locator("#do-copy").click()
    expect(alice.page.locator("#verdict .price-total")).to_have_text("$6.20")
