"""Whose bars stand in which rows of a pool's calendar, and what of them the asker may know."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fabric.models import Host
from portal.accounts.models import User
from scheduler.models import Maintenance, Project, Reservation
from scheduler.queries.calendar import BARS_PER_ROW_MAX, BarKind, CalendarFilters, CalendarRow, RowKind, calendar_page
from scheduler.queries.paging import Page
from scheduler.services.cancel import cancel
from scheduler.services.release import release
from scheduler.states import MaintenanceScope
from tests.scheduler.services.house import A100, H100, L40S, MONDAY, House

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def at(hour: int) -> datetime:
    """On Monday."""
    return MONDAY.replace(hour=0) + hour * HOUR


def seen_by(user: User, by: RowKind = RowKind.HOST, **more: Any) -> Page[CalendarRow]:
    asked: dict[str, Any] = {
        "pool": "lab",
        "begin": at(0),
        "end": at(24),
        "filters": CalendarFilters(),
        "limit": 50,
        **more,
    }
    if "project_ids" not in asked:
        asked["project_ids"] = list(user.memberships.values_list("project_id", flat=True))
    return calendar_page(by=by, user_id=user.pk, **asked)


def titles(page: Page[CalendarRow]) -> dict[str, list[str]]:
    """By row, of the rows that have something."""
    return {row.code: [bar.title or bar.kind.value for bar in row.bars] for row in page.rows if row.bars}


def booked(house: House, mix: dict[str, int], begins: int, ends: int, title: str, **more: Any) -> Reservation:
    when = {"starts_at": at(begins).isoformat(), "ends_at": at(ends).isoformat()}
    return house.book(mix, title=title, **when, **more)


def host_of(reservation: Reservation) -> str:
    (node,) = reservation.plan["nodes"]
    return str(node["host"])


def test_ones_own_reservation_stands_in_its_host_with_all_that_is_to_know(house: House) -> None:
    one = booked(house, {H100: 2}, 10, 12, "Load test")

    rows = {row.code: row for row in seen_by(house.alice).rows}

    assert list(rows) == ["host-01", "host-02", "host-03", "host-04"]
    (bar,) = rows[host_of(one)].bars
    assert bar == (
        BarKind.RESERVATION,
        one.code,
        "Load test",
        "team-chat",
        "confirmed",
        at(10),
        at(12),
        one.busy_from,
        one.busy_until,
        0,
        True,
        False,
    )
    assert (rows[host_of(one)].total, one.busy_from < at(10), one.busy_until > at(12)) == (1, True, True)


def test_others_are_busy_for_as_long_as_they_hold_and_nothing_more_is_told(house: House) -> None:
    one = booked(house, {H100: 2}, 10, 12, "A secret title", project="team-research")

    for by in (RowKind.HOST, RowKind.PRU, RowKind.CLASS, RowKind.PROJECT):
        bars = [bar for row in seen_by(house.alice, by).rows for bar in row.bars]
        assert bars == [
            (
                BarKind.BUSY,
                "",
                "",
                "",
                "",
                one.busy_from,
                one.busy_until,
                one.busy_from,
                one.busy_until,
                0,
                False,
                False,
            )
        ]


def test_who_sees_every_project_sees_whose_it_is(house: House) -> None:
    one = booked(house, {H100: 2}, 10, 12, "Load test", project="team-research")

    assert titles(seen_by(house.alice, project_ids=None)) == {host_of(one): ["Load test"]}


def test_prus_and_classes_count_the_blocks_that_are_held(house: House) -> None:
    booked(house, {H100: 2}, 10, 12, "Two")
    booked(house, {L40S: 3}, 11, 13, "Three")

    by_class = {
        row.code: [(bar.title, bar.blocks) for bar in row.bars] for row in seen_by(house.alice, RowKind.CLASS).rows
    }
    by_pru = [(bar.title, bar.blocks) for row in seen_by(house.alice, RowKind.PRU).rows for bar in row.bars]

    assert {code: bars for code, bars in by_class.items() if bars} == {H100: [("Two", 2)], L40S: [("Three", 3)]}
    assert sum(blocks for _, blocks in by_pru) == 5


def test_projects_are_rows_and_all_others_are_one_in_which_what_touches_is_one_bar(house: House) -> None:
    booked(house, {H100: 2}, 10, 12, "Ours")
    first = booked(house, {A100: 1}, 9, 11, "Theirs", project="team-research")
    last = booked(house, {L40S: 1}, 10, 14, "Theirs too", project="team-research")
    later = booked(house, {L40S: 1}, 20, 22, "Later", project="team-research")

    rows = seen_by(house.alice, RowKind.PROJECT).rows

    assert [(row.code, row.total) for row in rows] == [("team-chat", 1), ("others", 2)]
    assert [(bar.busy_from, bar.busy_until) for bar in rows[1].bars] == [
        (first.busy_from, last.busy_until),
        (later.busy_from, later.busy_until),
    ]


def test_what_was_cancelled_before_it_began_leaves_no_bar_and_what_was_given_back_early_a_short_one(
    house: House,
) -> None:
    gone = booked(house, {H100: 2}, 14, 16, "Cancelled")
    cancel(reservation=gone, by=house.by(house.alice), now=house.clock.now)
    short = house.book({L40S: 1}, title="Given back")
    house.settle()
    house.clock.turn(600)
    release(reservation=short, by=house.by(house.alice), now=house.clock.now)
    house.settle()

    (bar,) = [bar for row in seen_by(house.alice).rows for bar in row.bars]

    short.refresh_from_db()
    assert (bar.title, bar.state, bar.busy_until) == ("Given back", "ended", short.finished_at)
    assert bar.busy_until < bar.ends_at


def test_maintenance_is_shown_to_everybody_with_its_reason(house: House) -> None:
    maintenance = Maintenance.objects.create(
        code="m-1",
        pool=house.pool,
        scope=MaintenanceScope.HOST,
        target="host-04",
        starts_at=at(9),
        ends_at=at(11),
        reason="New fans",
        created_by_name="olga",
        created_at=MONDAY,
    )
    maintenance.allocations.create(
        pool=house.pool, host=Host.objects.get(code="host-04"), node=0, during=(at(9), at(11))
    )

    found = {row.code: row.bars for row in seen_by(house.charlie).rows if row.bars}

    assert found == {
        "host-04": ((BarKind.MAINTENANCE, "m-1", "New fans", "", "", at(9), at(11), at(9), at(11), 0, False, False),)
    }


@pytest.mark.parametrize(
    ("begin", "end", "is_there"),
    [(0, 9, False), (0, 10, True), (12, 13, True), (13, 24, False)],  # held 9:55 – 12:05
)
def test_a_bar_is_there_while_it_is_held_padding_included(house: House, begin: int, end: int, is_there: bool) -> None:
    booked(house, {H100: 2}, 10, 12, "Load test")

    assert bool(titles(seen_by(house.alice, begin=at(begin), end=at(end)))) is is_there


@pytest.mark.parametrize(
    ("filters", "there"),
    [
        (CalendarFilters(project="team-chat"), ["Held", "Mine"]),
        (CalendarFilters(state="held"), ["Held"]),
        (CalendarFilters(state="active"), []),
        (CalendarFilters(project="team-research"), []),
    ],
)
def test_a_filter_leaves_only_what_matches_and_is_seen_and_only_rows_that_have_some(
    house: House, filters: CalendarFilters, there: list[str]
) -> None:
    booked(house, {H100: 2}, 10, 12, "Mine")
    booked(house, {L40S: 2}, 10, 12, "Held", hold_minutes=10)
    booked(house, {A100: 2}, 10, 12, "Theirs", project="team-research")

    for by in RowKind:
        page = seen_by(house.alice, by, filters=filters)
        assert all(row.bars for row in page.rows)
        assert sorted({bar.title for row in page.rows for bar in row.bars}) == there


def test_only_mine_leaves_out_what_a_colleague_booked(house: House) -> None:
    booked(house, {H100: 2}, 10, 12, "Mine")
    colleague = User.objects.create_user("bob")
    other = booked(house, {L40S: 2}, 10, 12, "Bob's")
    Reservation.objects.filter(pk=other.pk).update(created_by=colleague)

    page = seen_by(house.alice, filters=CalendarFilters(created_by_id=house.alice.pk))

    assert list(titles(page).values()) == [["Mine"]]


def test_what_has_no_title_is_called_by_its_devices(house: House) -> None:
    booked(house, {H100: 2}, 10, 12, "")

    assert list(titles(seen_by(house.alice)).values()) == [["2 × H100 NVL 94GB"]]


def test_rows_come_by_pages_and_each_once(house: House) -> None:
    first = seen_by(house.alice, limit=3)
    second = seen_by(house.alice, limit=3, after=first.next_after)

    assert [row.code for row in first.rows] == ["host-01", "host-02", "host-03"]
    assert ([row.code for row in second.rows], second.next_after) == (["host-04"], None)


def test_a_row_shows_its_first_bars_and_says_how_many_there_are(house: House) -> None:
    one = booked(house, {H100: 2}, 10, 12, "Load test")
    host = Host.objects.get(code=host_of(one))
    second = timedelta(seconds=1)
    for nth in range(BARS_PER_ROW_MAX + 5):
        copy = Reservation.objects.get(pk=one.pk)
        copy.pk, copy.code, copy.idempotency_key = None, f"r-copy-{nth}", None
        copy.save()
        when = (at(13) + nth * second, at(13) + (nth + 1) * second)
        copy.allocations.create(pool=house.pool, host=host, node=0, during=when, is_holding=False)

    (row,) = [row for row in seen_by(house.alice).rows if row.bars]

    assert (len(row.bars), row.total) == (BARS_PER_ROW_MAX, BARS_PER_ROW_MAX + 6)
    assert row.bars[0].code == one.code


@pytest.mark.parametrize(("by", "queries"), [("host", 2), ("pru", 2), ("class", 2), ("project", 3)])
def test_it_asks_the_same_for_one_bar_and_for_three(house: House, by: str, queries: int) -> None:
    project_ids = [Project.objects.get(slug="team-chat").pk]
    counts = []
    for hour in (9, 12, 15):
        booked(house, {H100: 2}, hour, hour + 2, "Load test")
        booked(house, {A100: 1}, hour, hour + 2, "Theirs", project="team-research")
        with CaptureQueriesContext(connection) as captured:
            seen_by(house.alice, RowKind(by), project_ids=project_ids)
        counts.append(len(captured))

    assert counts == [queries] * 3
