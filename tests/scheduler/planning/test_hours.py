"""Hours of every period, worked out by hand. Two devices for a day are 48 device-hours."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.planning.hours import Period, fresh_starts, hour_sums, hours_so_far
from scheduler.planning.snapshot import HourLimit, QuotaFacts, Stint
from tests.worlds import GPU, NVME

NOW = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)


def stint(begin: datetime, hours: float, devices: int = 1, device_class: str = GPU, kind: str = "gpu") -> Stint:
    return Stint("r-1", device_class, kind, devices, begin, begin + timedelta(hours=hours))


def sums(limit: HourLimit, asked: Stint, *had: Stint, time_zone: str = "UTC", now: datetime = NOW):
    quota = QuotaFacts("team-chat", hour_limits=(limit,), stints=had, time_zone=time_zone)
    return [
        (one.period, one.hours, one.most, one.begins_at, one.ends_at)
        for one in hour_sums(quota=quota, asked=[asked], now=now)
    ]


def test_any_seven_days_are_looked_at_and_the_worst_is_told() -> None:
    # Had: 48 on day 1, 24 on day 6. Asked: 24 on day 9. Day 1 is in no seven days with day 9; day 6 is.
    had = (stint(NOW + DAY, 24, 2), stint(NOW + 6 * DAY, 24))

    assert sums(HourLimit(per_7_days=100), stint(NOW + 9 * DAY, 24), *had) == [
        (Period.DAYS_7, 48.0, 100, NOW + 3 * DAY, NOW + 10 * DAY)
    ]


def test_what_has_half_left_the_seven_days_counts_half() -> None:
    # Had: 10 hours with 2 devices from the first midnight on. Asked: 10 hours that end 7 days and 5 hours later. Where
    # it has most, the period begins with what is had, 7 days before: 20 + 5 of the asked ones; 5 hours on 10 + 10.
    asked = stint(NOW + 7 * DAY - timedelta(hours=5), 10)

    assert sums(HourLimit(per_7_days=100), asked, stint(NOW, 10, 2)) == [(Period.DAYS_7, 25.0, 100, NOW, NOW + 7 * DAY)]


def test_what_was_booked_for_later_counts_with_what_is_booked_before_it() -> None:
    # Asked 5 days before what is there: only periods that end after both begin have both.
    assert sums(HourLimit(per_7_days=100), stint(NOW + DAY, 24), stint(NOW + 6 * DAY, 24, 3)) == [
        (Period.DAYS_7, 96.0, 100, NOW, NOW + 7 * DAY)
    ]


def test_thirty_days_see_what_seven_do_not() -> None:
    limit = HourLimit(per_7_days=100, per_30_days=200)

    assert sums(limit, stint(NOW + 20 * DAY, 24), stint(NOW, 24, 2)) == [
        (Period.DAYS_7, 24.0, 100, NOW + 14 * DAY, NOW + 21 * DAY),
        (Period.DAYS_30, 72.0, 200, NOW - 9 * DAY, NOW + 21 * DAY),
    ]


def test_a_month_is_that_of_the_pools_clock() -> None:
    # New York leaves summer time on 1 November 2026: November begins there at 04:00 UTC and ends on 1 December, 05:00.
    begin = datetime(2026, 12, 1, 0, tzinfo=UTC)
    asked = stint(begin, 10)  # 5 hours in November, 5 in December
    had = stint(datetime(2026, 11, 1, 0, tzinfo=UTC), 10)  # 4 hours of October, 6 of November
    month = (datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 12, 1, 5, tzinfo=UTC))

    assert sums(HourLimit(per_month=50), asked, had, time_zone="America/New_York") == [(Period.MONTH, 11.0, 50, *month)]


def test_a_window_over_two_months_is_told_of_the_worse() -> None:
    asked = stint(datetime(2026, 11, 30, 20, tzinfo=UTC), 10, 2)  # 4 hours in November, 6 in December, by 2

    assert sums(HourLimit(per_month=50), asked) == [
        (Period.MONTH, 12.0, 50, datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    ]


def test_booked_ahead_is_what_has_not_begun() -> None:
    # Begun: 24. Not begun: 2 × 10, and the asked 5.
    had = (stint(NOW - timedelta(hours=1), 24), stint(NOW + 3 * DAY, 10, 2))
    end = NOW + 3 * DAY + timedelta(hours=10)

    assert sums(HourLimit(ahead=20), stint(NOW + DAY, 5), *had) == [(Period.AHEAD, 25.0, 20, NOW, end)]


def test_what_begins_at_once_is_not_ahead() -> None:
    assert sums(HourLimit(ahead=20), stint(NOW, 5), stint(NOW + DAY, 100)) == []


@pytest.mark.parametrize(
    ("limit", "hours"),
    [
        (HourLimit(device_class=GPU, ahead=99), [15.0]),
        (HourLimit(device_class="gpu-b", ahead=99), []),
        (HourLimit(kind="gpu", ahead=99), [17.0]),
        (HourLimit(ahead=99), [20.0]),  # accelerators: the FPGA too, the drive not
    ],
)
def test_a_ceiling_counts_its_own_devices(limit: HourLimit, hours: list[float]) -> None:
    day = NOW + DAY
    had = (
        stint(day, 10),
        stint(day, 2, 1, "gpu-b"),
        stint(day, 3, 1, "fpga-a", "fpga"),
        stint(day, 7, 1, NVME, "nvme"),
    )

    assert [one[1] for one in sums(limit, stint(day, 5), *had)] == hours


def test_one_that_gives_way_to_its_longer_self_is_counted_until_then() -> None:
    quota = QuotaFacts("team-chat", stints=(stint(NOW, 10), Stint("r-2", GPU, "gpu", 1, NOW, NOW + DAY)))

    def left(**since: datetime):
        return [one.ends_at - one.begins_at for one in quota.leaving_out("r-1", **since).stints]

    assert left() == [DAY]
    assert left(since=NOW + timedelta(hours=4)) == [DAY, timedelta(hours=4)]
    assert left(since=NOW) == [DAY]


def test_starts_are_tried_with_a_month_and_when_what_was_had_is_seven_or_thirty_days_away() -> None:
    quota = QuotaFacts("team-chat", stints=(stint(NOW, 24),))

    # With 2 hours asked: 7 and 30 days after the end of what is had, less 2 hours; and 1 December.
    assert fresh_starts(quota=quota, duration=timedelta(hours=2), begin=NOW + DAY, end=NOW + 40 * DAY) == [
        NOW + 8 * DAY - timedelta(hours=2),
        datetime(2026, 12, 1, tzinfo=UTC),
        NOW + 31 * DAY - timedelta(hours=2),
    ]


@pytest.mark.parametrize(("hours", "is_told"), [(15, False), (16, True), (27, True)])
def test_a_ceiling_becomes_near_at_four_fifths(hours: float, is_told: bool) -> None:
    quota = QuotaFacts("team-chat", hour_limits=(HourLimit(per_7_days=20),), stints=())

    (found,) = hour_sums(quota=quota, asked=[stint(NOW, hours)], now=NOW)

    assert found.becomes_near == is_told


def test_what_was_near_before_does_not_become_so_again() -> None:
    quota = QuotaFacts("team-chat", hour_limits=(HourLimit(per_7_days=20),), stints=(stint(NOW, 16),))

    (found,) = hour_sums(quota=quota, asked=[stint(NOW + DAY, 1)], now=NOW)

    assert (found.hours, found.added, found.becomes_near) == (17.0, 1.0, False)


def test_so_far_are_this_month_the_worst_periods_from_now_on_and_what_is_ahead() -> None:
    # Had: 24 that ended yesterday. Booked: 2 × 10 in 4 days. In the 7 days until then both count.
    had = (stint(NOW - 2 * DAY, 24), stint(NOW + 4 * DAY, 10, 2))
    limit = HourLimit(per_month=1, per_7_days=2, per_30_days=3, ahead=4)
    quota = QuotaFacts("team-chat", hour_limits=(limit,), stints=had)
    end = NOW + 4 * DAY + timedelta(hours=10)

    assert [(one.period, one.hours, one.most, one.ends_at) for one in hours_so_far(quota=quota, now=NOW)] == [
        (Period.MONTH, 20.0, 1, datetime(2026, 12, 1, tzinfo=UTC)),
        (Period.DAYS_7, 44.0, 2, end),
        (Period.DAYS_30, 44.0, 3, end),
        (Period.AHEAD, 20.0, 4, end),
    ]


def test_so_far_is_nothing_where_nothing_was_had() -> None:
    quota = QuotaFacts("team-chat", hour_limits=(HourLimit(per_7_days=2, ahead=4),))

    assert [(one.hours, one.ends_at) for one in hours_so_far(quota=quota, now=NOW)] == [(0, NOW), (0, NOW)]
