"""What a reservation has used: from what was attached when, at the rates it was booked at."""

from datetime import datetime, timedelta
from decimal import Decimal

from scheduler.planning.so_far import Attached, SoFar, so_far
from tests.worlds import GPU, NOW, NVME

PRICE = {"parts": [{"device_class": GPU, "rate_usd_per_hour": "3.00"}]}
END = NOW + timedelta(hours=4)


def hours(number: float) -> datetime:
    return NOW + timedelta(hours=number)


def used(*attached: Attached, now: datetime) -> SoFar:
    return so_far(attached, price=PRICE, starts_at=NOW, ends_at=END, now=now)


def test_nothing_attached_is_nothing_used() -> None:
    assert used(now=hours(2)) == SoFar(Decimal(0), Decimal("0.00"), Decimal(0))


def test_a_device_counts_from_when_it_was_attached_until_now() -> None:
    """1.5 h × 3 $/h; 400 W × 1.5 h."""
    found = used(Attached(GPU, 400, hours(0.5), None), now=hours(2))

    assert (found.device_hours, found.usd, found.kwh) == (Decimal("1.5"), Decimal("4.50"), Decimal("0.6"))


def test_half_a_cent_is_a_whole_one_as_in_the_price() -> None:
    """54 s × 3 $/h are 4.5 cents."""
    assert used(Attached(GPU, 400, hours(0), hours(0.015)), now=hours(2)).usd == Decimal("0.05")


def test_the_time_before_the_window_and_after_it_draws_power_and_is_not_charged() -> None:
    """Attached six hours, four of them within the window."""
    found = used(Attached(GPU, 100, hours(-1), hours(5)), now=hours(9))

    assert (found.device_hours, found.usd, found.kwh) == (Decimal(4), Decimal("12.00"), Decimal("0.6"))


def test_one_device_after_another_counts_each_for_its_time() -> None:
    found = used(Attached(GPU, 400, hours(0), hours(1)), Attached(GPU, 400, hours(2), hours(4)), now=hours(9))

    assert (found.device_hours, found.usd) == (Decimal(3), Decimal("9.00"))


def test_a_class_without_a_rate_is_counted_and_not_priced_and_a_host_only_draws() -> None:
    found = used(Attached(NVME, 10, hours(0), None), Attached("", 500, hours(0), None), now=hours(2))

    assert (found.device_hours, found.usd, found.kwh) == (Decimal(2), Decimal("0.00"), Decimal("1.02"))
