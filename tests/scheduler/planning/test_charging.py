"""Who goes without a device does not pay for it; who gets it later pays from then on."""

from datetime import timedelta
from decimal import Decimal

from scheduler.planning.charging import charged, hours_between
from scheduler.requests import Window
from tests.worlds import NOW

WINDOW = Window(starts_at=NOW, ends_at=NOW + timedelta(hours=4))
BOOKED = {
    "usd": "80.00",
    "hours": "4.0000",
    "parts": [{"device_class": "gpu-a", "count": 8, "rate_usd_per_hour": "2.50", "usd": "80.00"}],
    "not_priced": ["nvme-a"],
    "devices": {"gpu-a": 8, "nvme-a": 2},
}


def test_one_of_eight_for_the_whole_window_less() -> None:
    assert charged(price=BOOKED, device_class="gpu-a", devices=-1, window=WINDOW) == {
        "usd": "70.00",
        "hours": "4.0000",
        "parts": [{"device_class": "gpu-a", "count": 7, "rate_usd_per_hour": "2.50", "usd": "70.00"}],
        "not_priced": ["nvme-a"],
        "devices": {"gpu-a": 7, "nvme-a": 2},
    }


def test_and_back_for_what_is_left_of_it() -> None:
    less = charged(price=BOOKED, device_class="gpu-a", devices=-1, window=WINDOW)

    again = charged(
        price=less, device_class="gpu-a", devices=1, window=Window(starts_at=NOW, ends_at=NOW + timedelta(hours=1.5))
    )

    assert (again["usd"], again["parts"][0]["count"], again["parts"][0]["usd"]) == ("73.75", 8, "73.75")


def test_what_has_no_rate_is_counted_alone() -> None:
    less = charged(price=BOOKED, device_class="nvme-a", devices=-1, window=WINDOW)

    assert less == {**BOOKED, "devices": {"gpu-a": 8, "nvme-a": 1}}


def test_of_what_it_has_none_any_more_only_the_charge_is_left() -> None:
    less = charged(
        price=BOOKED, device_class="gpu-a", devices=-8, window=Window(starts_at=NOW, ends_at=NOW + timedelta(hours=1))
    )

    assert (less["usd"], less["parts"][0]["count"], less["devices"]) == ("60.00", 0, {"nvme-a": 2})


def test_hours_that_are_over_are_none() -> None:
    assert hours_between(NOW, NOW + timedelta(minutes=90)) == Decimal("1.5")
    assert hours_between(NOW, NOW - timedelta(minutes=90)) == 0
