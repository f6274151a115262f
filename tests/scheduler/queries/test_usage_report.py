"""What projects used in a period: the same as a walk over the attachments finds, and small cases worked out by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fabric.models import Attachment, DeviceClass, Pool
from scheduler.models import Project, Reservation
from scheduler.planning.so_far import so_far
from scheduler.queries.usage import attached_for
from scheduler.queries.usage_report import Cut, UsageRow, UsageScope, Used, usage_page
from scheduler.services.release import release
from tests.scheduler.queries.sweeping import Key, Sweep
from tests.scheduler.services.cards import book_set
from tests.scheduler.services.house import A100, H100, L40S, MONDAY, NVME, House

LIMIT = 1_000


def scope(house: House, begin: datetime, end: datetime, **more: str) -> UsageScope:
    return UsageScope(project_ids=None, begins_at=begin, ends_at=end, **more)


def rows(house: House, begin: datetime, end: datetime, cut: Cut = Cut.CLASS, **more: str) -> tuple[UsageRow, ...]:
    return usage_page(scope=scope(house, begin, end, **more), cut=cut, now=house.clock.now, limit=LIMIT).rows


def total(house: House, begin: datetime, end: datetime) -> Used:
    """Of everything, also where only the first row of it is given."""
    return usage_page(scope=scope(house, begin, end), cut=Cut.DAY, now=house.clock.now, limit=1).total


def told(found: tuple[UsageRow, ...]) -> dict[Key, tuple[Decimal | None, ...]]:
    return {
        (row.project, row.pool, row.device_class, row.begins_at): (
            row.used.device_hours,
            row.used.charged_hours,
            row.used.usd,
            row.used.kwh,
        )
        for row in found
    }


def attach(reservation: Reservation, since: datetime, until: datetime | None) -> None:
    """As if everything of it had been attached just then."""
    Attachment.objects.filter(composition__owner=reservation.code).update(since=since, until=until)


def worked(house: House) -> None:
    """Three days of two projects: booked at once and ahead, capped, given back early, over midnights, one still on."""
    book_set(house)
    house.book({H100: 2, NVME: 1}, duration_minutes=20 * 60)
    house.settle()
    house.clock.turn(5_400.25)
    early = house.book({A100: 2}, project="team-research", duration_minutes=600)
    house.settle()
    house.clock.turn(3_600)
    release(reservation=early, by=house.by(house.charlie), now=house.clock.now)
    for _ in range(3):
        house.settle()
        house.clock.turn(8 * 3_600 + 7)
    house.settle()
    house.book({L40S: 4}, project="team-research", duration_minutes=30 * 60)
    house.settle()
    house.clock.turn(26 * 3_600)


@pytest.mark.django_db
def test_four_hours_of_two_cards_by_hand(house: House) -> None:
    """Attached 9:30–14:00, window 10–13; asked 9–13:30. Device-hours 2 × 4, charged 2 × 3, host for 4 hours."""
    reservation = house.book({L40S: 2}, duration_minutes=120)
    house.settle()
    rate = Decimal(reservation.price["parts"][0]["rate_usd_per_hour"])
    draws = DeviceClass.objects.get(code=L40S).tdp_w
    assert draws is not None
    host = Attachment.objects.select_related("host")[0].host
    day = MONDAY.replace(hour=0)
    attach(reservation, day + timedelta(hours=9.5), day + timedelta(hours=14))
    window = {"starts_at": day + timedelta(hours=10), "ends_at": day + timedelta(hours=13)}
    Reservation.objects.update(**window, busy_until=window["ends_at"])
    house.clock.now = day + timedelta(hours=20)

    hosts, cards = rows(house, day + timedelta(hours=9), day + timedelta(hours=13.5))

    assert cards.used == Used(
        Decimal("8.0000"), Decimal("6.0000"), (6 * rate).quantize(Decimal("0.01")), Decimal(8 * draws) / 1_000
    )
    kwh = Decimal(4 * (host.base_w + host.facts["local_w"])) / 1_000
    assert hosts.used == Used(Decimal(0), Decimal(0), None, kwh)
    assert (hosts.device_class, hosts.device_class_name, cards.device_class) == ("", "", L40S)
    assert (cards.begins_at, cards.ends_at) == (day + timedelta(hours=9), day + timedelta(hours=13.5))


@pytest.mark.django_db
def test_it_is_what_a_walk_over_time_finds(house: House) -> None:
    """Whole, by day and by month; of all there is, of what is to come too, of an hour, and of periods cut anyhow."""
    worked(house)
    now, begin = house.clock.now, MONDAY - timedelta(days=20)
    periods = [
        (begin, now + timedelta(days=30)),
        (MONDAY + timedelta(minutes=50, seconds=3, microseconds=7), MONDAY + timedelta(hours=1)),
        (MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=30, seconds=11)),
        (MONDAY + timedelta(hours=15), MONDAY + timedelta(hours=63)),
    ]

    for cut in Cut:
        for first, last in periods:
            swept = Sweep(first, last, now, cut.value).swept()

            found = told(rows(house, first, last, cut))

            assert found == {key: one.rounded for key, one in swept.items()}
            assert found


@pytest.mark.django_db
def test_periods_side_by_side_add_up_and_pages_of_any_size_make_the_whole(house: House) -> None:
    worked(house)
    now = house.clock.now
    seams = [MONDAY - timedelta(hours=3), MONDAY + timedelta(hours=2, seconds=1), MONDAY + timedelta(hours=21), now]

    whole = total(house, seams[0], now)
    parts = [total(house, one, other) for one, other in pairwise(seams)]
    assert abs(sum(part.device_hours for part in parts) - whole.device_hours) <= Decimal("0.0003")
    assert abs(sum(part.kwh for part in parts) - whole.kwh) <= Decimal("0.003")
    assert abs(sum(part.usd or 0 for part in parts) - (whole.usd or 0)) <= Decimal("0.03")

    everything = rows(house, MONDAY, now, Cut.DAY)
    keys = [(row.project, row.pool, row.device_class, row.begins_at) for row in everything]
    assert keys == sorted(keys)
    assert len(keys) > 5
    for limit in (1, 2, 5):
        assert in_pages(scope(house, MONDAY, now), now, limit) == everything


def in_pages(wanted: UsageScope, now: datetime, limit: int) -> tuple[UsageRow, ...]:
    gone_through: list[UsageRow] = []
    after: str | None = None
    while True:
        page = usage_page(scope=wanted, cut=Cut.DAY, now=now, limit=limit, after=after)
        gone_through += page.rows
        after = page.next_after
        if after is None:
            return tuple(gone_through)


@pytest.mark.django_db
def test_it_says_of_one_reservation_what_its_own_page_says(house: House) -> None:
    reservation = house.book({H100: 2, NVME: 1})
    house.settle()
    house.clock.turn(4_000)
    reservation.refresh_from_db()
    window = {"starts_at": reservation.starts_at, "ends_at": reservation.ends_at, "now": house.clock.now}
    page = so_far(attached_for(code=reservation.code), price=reservation.price, **window)

    whole = total(house, MONDAY - timedelta(days=1), house.clock.now)

    assert whole.usd == page.usd
    assert whole.charged_hours == page.device_hours.quantize(Decimal("0.0001"))
    assert whole.kwh == page.kwh.quantize(Decimal("0.001"))


@pytest.mark.django_db
def test_a_class_without_a_rate_is_counted_and_not_priced(house: House) -> None:
    DeviceClass.objects.filter(code=NVME).update(rate_usd_per_hour=None)
    house.book({NVME: 1, H100: 2})
    house.settle()
    house.clock.turn(1_800)

    found = {row.device_class: row.used for row in rows(house, MONDAY, house.clock.now)}

    assert found[NVME].usd is None
    assert found[NVME].charged_hours > 0
    assert (found[H100].usd or 0) > 0


@pytest.mark.django_db
def test_days_are_those_of_the_pools_zone_also_when_the_clocks_are_set_back(house: House) -> None:
    """Berlin, 27 October 2030: 25 hours, from 22:00 UTC on."""
    reservation = house.book({L40S: 1})
    house.settle()
    first, last = datetime(2030, 10, 26, 22, tzinfo=UTC), datetime(2030, 10, 27, 23, tzinfo=UTC)
    attach(reservation, first - timedelta(hours=1), last + timedelta(hours=1))
    house.clock.now = last + timedelta(days=1)

    found = rows(house, first - timedelta(days=2), last + timedelta(days=1), Cut.DAY)

    assert Pool.objects.get().time_zone == "Europe/Berlin"
    cards = [(row.begins_at, row.ends_at, row.used.device_hours) for row in found if row.device_class]
    assert cards == [
        (first - timedelta(days=1), first, Decimal("1.0000")),
        (first, last, Decimal("25.0000")),
        (last, last + timedelta(days=1), Decimal("1.0000")),
    ]


@pytest.mark.django_db
def test_it_is_narrowed_by_what_one_sees_by_project_and_by_pool_in_one_statement(house: House) -> None:
    worked(house)
    now = house.clock.now
    research = Project.objects.get(slug="team-research").pk

    def projects(**more: object) -> set[str]:
        wanted = UsageScope(**{"project_ids": None, "begins_at": MONDAY, "ends_at": now, **more})  # type: ignore[arg-type]
        return {row.project for row in usage_page(scope=wanted, cut=Cut.CLASS, now=now, limit=LIMIT).rows}

    with CaptureQueriesContext(connection) as captured:
        assert projects() == {"team-chat", "team-research"}
    assert len(captured) == 1
    assert projects(project_ids=[research]) == {"team-research"}
    assert projects(project_ids=[]) == set()
    assert projects(project="team-chat") == {"team-chat"}
    assert projects(project_ids=[research], project="team-chat") == set()
    assert projects(pool="lab") == {"team-chat", "team-research"}
    assert projects(pool="pod") == set()


@pytest.mark.django_db
def test_a_place_that_is_none_of_ours_is_the_beginning(house: House) -> None:
    house.book({L40S: 1})
    house.settle()
    house.clock.turn(60)
    wanted = scope(house, MONDAY, house.clock.now)

    for after in ("", "x", "[]", "5", "null", '["a"]', "[1, 2, 3, 4]", '["a", "b", "c", "d"]', "[" * 9_000):
        found = usage_page(scope=wanted, cut=Cut.CLASS, now=house.clock.now, limit=LIMIT, after=after)

        assert [row.device_class for row in found.rows] == ["", L40S], after
