"""Rates and fair shares over the API: what is told, and what is refused."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from fabric.models import Pool
from scheduler.models import Quota, Rate
from scheduler.states import Priority
from tests.portal.cast import MONDAY, Cast


def test_rates_that_hold_now_or_later_are_told(people: Cast) -> None:
    lab = Pool.objects.get(code="lab")
    Rate.objects.create(pool=lab, priority=Priority.LOW, percent=50, valid_from=MONDAY)
    Rate.objects.create(
        pool=lab, percent=90, valid_from=datetime(2020, 1, 1, tzinfo=UTC), valid_until=MONDAY - timedelta(days=1)
    )

    answer = people.caller("alice").get("rates/?pool=lab")

    assert answer.json() == {
        "pool": "lab",
        "time_zone": "Europe/Berlin",
        "rates": [
            {
                "device_class": None,
                "priority": "low",
                "weekdays": "1234567",
                "from_minute": 0,
                "until_minute": 1440,
                "usd_per_hour": None,
                "percent": 50,
                "valid_from": MONDAY.isoformat().replace("+00:00", "Z"),
                "valid_until": None,
            }
        ],
    }


def test_a_pool_has_to_be_named(people: Cast) -> None:
    assert people.caller("alice").get("rates/").status_code == 400


def test_a_fair_share_says_why(people: Cast) -> None:
    Quota.objects.filter(project__slug="team-chat").update(share_percent=75, budget_usd_per_month=Decimal(10))

    (share,) = people.caller("alice").get("projects/team-chat/fair-share/").json()["pools"]

    assert (share["pool"], share["factor"], share["share"]) == ("lab", 1.0, 0.75)
    assert share["reasons"] == ["Entitled to 75.0% of the pool.", "Used no accelerator lately: factor 1.0."]
