"""Rates by class, priority and time of day, and windows that fall apart by them: worked out by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from scheduler.planning.charging import charged
from scheduler.planning.plan import Plan
from scheduler.planning.pricing import booked_rates, price_of_devices, price_of_plan, price_to_wire
from scheduler.planning.rates import Band, RateCard, RateRow, Tariff, Terms, hours_by_rate, pieces
from scheduler.planning.repricing import price_ending_at
from scheduler.requests import Window
from scheduler.states import Priority
from tests.scheduler.planning.asking import grant
from tests.worlds import GPU, NVME, ask, group, two_hosts_eight_gpus

BERLIN = "Europe/Berlin"
NIGHT, DAY = Decimal("1.00"), Decimal("2.50")
AT = datetime(2030, 5, 1, tzinfo=UTC)
WEEK = "1234567"


def row(number: int, **given: Any) -> RateRow:
    return RateRow(number=number, **{"valid_from": AT - timedelta(days=30), **given})


def terms(*rows: RateRow, priority: Priority = Priority.NORMAL, at: datetime = AT) -> Terms:
    return Terms(RateCard(BERLIN, rows), priority, at)


def tariff(*rows: RateRow, catalogue: Decimal | None = DAY, **more: Any) -> Tariff:
    return terms(*rows, **more).tariff(device_class=GPU, catalogue=catalogue)


NIGHTS = row(1, device_class=GPU, from_minute=0, until_minute=6 * 60, usd_per_hour=NIGHT)
NIGHTLY = Tariff(DAY, (Band(WEEK, 0, 360, NIGHT),), BERLIN)


def test_without_a_rate_the_catalogues_holds() -> None:
    assert tariff() == Tariff(DAY)
    assert tariff(row(1, device_class=NVME, usd_per_hour=NIGHT)) == Tariff(DAY)


def test_at_night_it_costs_less() -> None:
    assert tariff(NIGHTS) == NIGHTLY


def test_the_narrowest_sets_it_and_the_narrowest_scales_it() -> None:
    """4.00 for all, 3.00 for low; low is 50 % of it, and on Sundays a quarter: 1.50 and 0.75."""
    rows = (
        row(1, device_class=GPU, usd_per_hour=Decimal(4)),
        row(2, device_class=GPU, priority="low", usd_per_hour=Decimal(3)),
        row(3, priority="low", percent=50),
        row(4, priority="low", weekdays="7", percent=25),
        row(5, priority="production", percent=150),
    )

    low = tariff(*rows, priority=Priority.LOW)

    assert low == Tariff(Decimal("1.5000"), (Band("7", 0, 1440, Decimal("0.7500")),), BERLIN)
    assert tariff(*rows).base == Decimal(4)
    assert tariff(*rows, priority=Priority.PRODUCTION).base == Decimal("6.0000")


def test_a_class_without_a_rate_in_the_catalogue_gets_one_and_is_scaled_by_nothing_alone() -> None:
    assert tariff(row(1, device_class=GPU, usd_per_hour=NIGHT), catalogue=None) == Tariff(NIGHT, (), BERLIN)
    assert tariff(row(1, percent=50), catalogue=None) == Tariff(None, (), BERLIN)


def test_only_what_is_in_force_when_it_is_booked_counts() -> None:
    over = row(1, device_class=GPU, usd_per_hour=NIGHT, valid_until=AT)
    to_come = row(2, device_class=GPU, usd_per_hour=NIGHT, valid_from=AT + timedelta(days=1))

    assert tariff(over, to_come) == Tariff(DAY)
    assert tariff(over, to_come, at=AT - timedelta(days=1)).base == NIGHT
    assert tariff(over, to_come, at=AT + timedelta(days=1)).base == NIGHT


def test_a_window_falls_apart_at_the_clocks_of_the_pool() -> None:
    """22:00 to 08:00 in Berlin's summer is 20:00 to 06:00 UTC: six hours of night between four of day."""
    begin = datetime(2030, 5, 13, 20, tzinfo=UTC)
    cut = list(pieces(NIGHTLY, begin=begin, end=begin + timedelta(hours=10)))

    assert [(one.starts_at.hour, one.ends_at.hour, one.rate) for one in cut] == [
        (20, 22, DAY),
        (22, 4, NIGHT),
        (4, 6, DAY),
    ]


@pytest.mark.parametrize(
    ("zone", "midnight", "night"),
    [
        (BERLIN, datetime(2030, 3, 30, 23, tzinfo=UTC), "5"),  # 31 March: the clocks leave out 02:00 to 03:00
        (BERLIN, datetime(2030, 10, 26, 22, tzinfo=UTC), "7"),  # 27 October: 02:00 to 03:00 comes twice
        ("America/New_York", datetime(2030, 3, 10, 5, tzinfo=UTC), "5"),
        ("America/New_York", datetime(2030, 11, 3, 4, tzinfo=UTC), "7"),
        ("Australia/Lord_Howe", datetime(2030, 4, 6, 13, tzinfo=UTC), "6.5"),  # half an hour back
        ("Australia/Lord_Howe", datetime(2030, 10, 5, 13, 30, tzinfo=UTC), "5.5"),
        (BERLIN, datetime(2030, 5, 13, 22, tzinfo=UTC), "6"),
    ],
)
def test_a_night_is_as_long_as_the_clocks_make_it(zone: str, midnight: datetime, night: str) -> None:
    """From local midnight to 06:00, and 18 hours of day after it."""
    nightly = Tariff(DAY, (Band(WEEK, 0, 360, NIGHT),), zone)
    length = timedelta(hours=18) + timedelta(hours=float(night))

    assert hours_by_rate(nightly, begin=midnight, end=midnight + length) == {NIGHT: Decimal(night), DAY: Decimal(18)}


def test_a_band_within_the_hour_that_is_left_out_is_not_met() -> None:
    """Berlin, 31 March 2030: 02:30 to 03:30 is half an hour, from 03:00, where the clocks jump to."""
    banded = Tariff(DAY, (Band(WEEK, 150, 210, NIGHT),), BERLIN)
    begin = datetime(2030, 3, 31, 0, tzinfo=UTC)

    cut = list(pieces(banded, begin=begin, end=begin + timedelta(hours=3)))

    assert [(one.starts_at, one.rate) for one in cut] == [
        (begin, DAY),
        (begin + timedelta(hours=1), NIGHT),
        (begin + timedelta(hours=1.5), DAY),
    ]


def test_the_day_that_apia_left_out_costs_nothing() -> None:
    """Thursday 29 December 2011, 22:00, for four hours: the next day was Saturday the 31st. Fridays are dear."""
    fridays = Tariff(DAY, (Band("5", 0, 1440, Decimal(9)), Band("6", 0, 1440, NIGHT)), "Pacific/Apia")
    begin = datetime(2011, 12, 30, 8, tzinfo=UTC)

    assert hours_by_rate(fridays, begin=begin, end=begin + timedelta(hours=4)) == {DAY: Decimal(2), NIGHT: Decimal(2)}


BEGIN = datetime(2030, 5, 13, 20, tzinfo=UTC)


def price(hours: int, count: int = 2) -> dict[str, Any]:
    window = Window(starts_at=BEGIN, ends_at=BEGIN + timedelta(hours=hours))
    world = two_hosts_eight_gpus()
    return price_to_wire(price_of_devices(devices={GPU: count}, topology=world, window=window, terms=terms(NIGHTS)))


def plan_of(hours: int, begin: datetime = BEGIN) -> Plan:
    end = begin + timedelta(hours=hours)
    return Plan(pool="tiny", generation=1, starts_at=begin, ends_at=end, busy_from=begin, busy_until=end, nodes=())


def part(usd: str, hours: str, rate: Decimal = DAY, count: int = 2) -> dict[str, Any]:
    return {"device_class": GPU, "count": count, "rate_usd_per_hour": str(rate), "usd": usd, "hours": hours}


def test_a_price_tells_each_rate_with_its_hours() -> None:
    """Two devices, two hours of day and six of night."""
    found = price(8)

    assert (found["usd"], found["not_priced"]) == ("22.00", [])
    assert found["parts"] == [part("10.00", "2.0000"), part("12.00", "6.0000", NIGHT)]
    assert booked_rates(found) == {GPU: NIGHTLY}


def test_what_is_extended_keeps_its_tariff_and_comes_to_what_the_whole_would_have() -> None:
    longer = price_ending_at(price=price(3), plan=plan_of(3), ends_at=BEGIN + timedelta(hours=10))

    assert longer == price(10)
    assert price_ending_at(price=longer, plan=plan_of(10), ends_at=BEGIN + timedelta(hours=1)) == price(1)


def test_a_device_less_is_credited_at_the_rates_of_the_hours_to_come() -> None:
    """Of eight hours the last five: all at night, so 5.00."""
    rest = Window(starts_at=BEGIN + timedelta(hours=3), ends_at=BEGIN + timedelta(hours=8))
    less = charged(price=price(8), device_class=GPU, devices=-1, window=rest)

    assert less["usd"] == "17.00"
    assert less["parts"] == [part("10.00", "2.0000", count=1), part("7.00", "6.0000", NIGHT, 1)]


NOON = datetime(2030, 5, 13, 12, tzinfo=UTC)
EVENINGS = row(1, device_class=NVME, from_minute=18 * 60, usd_per_hour=DAY)  # the catalogue has no rate of it


def evening_price(hours: int, count: int = 2) -> dict[str, Any]:
    """From 12:00 UTC on, which is 14:00 in Berlin."""
    window = Window(starts_at=NOON, ends_at=NOON + timedelta(hours=hours))
    world = two_hosts_eight_gpus()
    return price_to_wire(price_of_devices(devices={NVME: count}, topology=world, window=window, terms=terms(EVENINGS)))


def test_what_was_booked_in_hours_without_a_price_costs_where_it_comes_to_have_one() -> None:
    """Three hours of afternoon; five are one hour of evening for two devices: 5.00."""
    free = evening_price(3)

    longer = price_ending_at(price=free, plan=plan_of(3, NOON), ends_at=NOON + timedelta(hours=5))

    assert (free["parts"], longer["usd"]) == ([], "5.00")
    assert longer == evening_price(5)


def test_of_such_a_class_one_more_is_counted_with_those_there_were() -> None:
    longest = Window(starts_at=NOON, ends_at=NOON + timedelta(hours=5))

    more = charged(price=evening_price(3), device_class=NVME, devices=1, window=longest)

    assert [(part["count"], part["usd"]) for part in more["parts"]] == [(3, "2.50")]


def test_what_a_plan_was_promised_goes_before_todays_terms() -> None:
    world, request = two_hosts_eight_gpus(), ask(group((GPU, 2)))
    plan = grant(world, request)

    found = price_of_plan(plan=plan, topology=world, booked={GPU: Tariff(NIGHT)}, terms=terms(NIGHTS))

    assert (found.usd, found.tariffs) == (Decimal("4.00"), {})
