"""Rates: added and ended by an operator, kept in the journal, and seen at once by who books."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fabric.models import DeviceClass
from scheduler.models import JournalEntry, Rate
from scheduler.refusals import Invalid
from scheduler.services.check import check
from scheduler.services.extend import extend
from scheduler.services.rates import add_rate, end_rate
from tests.scheduler.services.house import H100, House

HOUR = timedelta(hours=1)


def rate(house: House, **given: Any) -> Rate:
    card = DeviceClass.objects.get(code=H100)
    row = Rate(**{"pool": house.pool, "device_class": card, "valid_from": house.clock.now, **given})
    return add_rate(rate=row, by=house.by(house.alice), now=house.clock.now)


def price(house: House, **more: Any) -> Decimal:
    """Of two H100 for two hours from 08:05 UTC on, which is 10:05 in Berlin: 12.28 at the catalogue's 3.07."""
    return check(request=house.ask({H100: 2}, **more), now=house.clock.now).price.usd


def test_a_rate_holds_for_what_is_booked_from_then_on(house: House) -> None:
    before = price(house)

    rate(house, usd_per_hour=Decimal(4))
    with_rate = price(house)
    rate(house, percent=50, priority="low", device_class=None)

    assert (before, with_rate) == (Decimal("12.28"), Decimal("16.00"))
    assert (price(house), price(house, priority="low")) == (Decimal("16.00"), Decimal("8.00"))


def test_a_booking_keeps_its_rates_also_for_what_is_added(house: House) -> None:
    """Before noon 2.00, then 3.07: of the two hours 115 minutes, and five."""
    made = rate(house, usd_per_hour=Decimal(2), until_minute=12 * 60)
    one = house.book({H100: 2})
    end_rate(rate=made, at=house.clock.now + timedelta(minutes=1), by=house.by(house.alice), now=house.clock.now)
    house.clock.turn(120)

    extend(reservation=one, ends_at=one.ends_at + HOUR, by=house.by(house.alice), now=house.clock.now)

    assert price(house) == Decimal("12.28")
    assert [(part["rate_usd_per_hour"], part["hours"]) for part in one.price["parts"]] == [
        ("2.0000", "1.9167"),
        ("3.0700", "1.0833"),
    ]
    assert one.price["usd"] == "14.32"


def test_what_was_in_force_stays_as_it_was(house: House) -> None:
    made = rate(house, usd_per_hour=Decimal(4))
    house.clock.turn(3600)
    end_rate(rate=made, at=house.clock.now, by=house.by(house.alice), now=house.clock.now)
    house.clock.turn(1)

    with pytest.raises(Invalid):
        end_rate(rate=made, at=house.clock.now + HOUR, by=house.by(house.alice), now=house.clock.now)
    with pytest.raises(Invalid):
        rate(house, usd_per_hour=Decimal(4), valid_from=house.clock.now - HOUR)
    assert [one.message for one in JournalEntry.objects.filter(kind="rate.changed").order_by("id")] == [
        "NVIDIA H100 NVL 94GB: 4 USD an hour from 2030-05-13 08:00 UTC on.",
        "NVIDIA H100 NVL 94GB: 4 USD an hour ends 2030-05-13 09:00 UTC.",
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"percent": None}, "percent"),
        ({"percent": 50, "usd_per_hour": Decimal(1)}, "percent"),
        ({"usd_per_hour": Decimal(1), "device_class": None}, "device_class"),
        ({"percent": 50, "weekdays": "21"}, "weekdays"),
        ({"percent": 50, "weekdays": "8"}, "weekdays"),
        ({"percent": 50, "from_minute": 60, "until_minute": 60}, "until_minute"),
    ],
)
def test_what_cannot_hold_is_refused(house: House, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        rate(house, **given)

    assert [error.field for error in caught.value.errors] == [field]
