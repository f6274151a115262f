"""Lists of reservations: what a filter lets through, in which order, page by page, in one question."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from scheduler.models import Project, Reservation
from scheduler.queries.reservations import (
    ReservationFilters,
    Sort,
    counts_by_state,
    reservation_page,
    reservation_row,
)
from scheduler.services.cancel import cancel
from tests.scheduler.services.house import H100, L40S, MONDAY, House

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def booked(house: House) -> list[str]:
    """Titles in the order in which they were made: one that begins last, one that was cancelled, one named oddly."""
    for title, begin in (("late 1%", 9), ("over", 1), ("Early_2", 3)):
        starts_at = MONDAY + begin * HOUR
        times = {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + HOUR).isoformat()}
        house.book({H100: 2, L40S: 1}, title=title, **times)
    over = Reservation.objects.get(title="over")
    cancel(reservation=over, by=house.by(house.alice), now=MONDAY)
    return ["late 1%", "over", "Early_2"]


def titles(**wanted: Any) -> list[str]:
    sort, ids = wanted.pop("sort", Sort.NEWEST), wanted.pop("project_ids", None)
    page = reservation_page(project_ids=ids, filters=ReservationFilters(**wanted), limit=10, sort=sort)
    return [row.title for row in page.rows]


def test_a_row_is_what_the_reservation_itself_says(booked: list[str]) -> None:
    page = reservation_page(project_ids=None, filters=ReservationFilters(), limit=10)

    wanted = Reservation.objects.select_related("project", "pool", "created_by").order_by("-id")
    assert list(page.rows) == [reservation_row(one) for one in wanted]


def test_filters(house: House, booked: list[str]) -> None:
    mine = Project.objects.get(slug="team-chat").pk

    assert titles(project="team-chat") == titles(pool="lab") == titles(project_ids=[mine]) == booked[::-1]
    assert titles(project="team-research") == titles(pool="pod") == titles(project_ids=[]) == []
    assert titles(project_ids=[mine, mine + 1]) == booked[::-1]
    assert titles(states={"cancelled"}) == ["over"]
    assert titles(states=set()) == []
    assert titles(overlaps_from=MONDAY + 4 * HOUR) == ["late 1%"]
    assert titles(overlaps_to=MONDAY + 3 * HOUR) == ["over"]
    assert titles(created_by_id=house.alice.pk) == booked[::-1]
    assert titles(created_by_id=house.charlie.pk) == []


@pytest.mark.parametrize(("text", "found"), [("LATE", ["late 1%"]), ("%", ["late 1%"]), ("_", ["Early_2"]), ("'", [])])
def test_text_is_taken_as_it_is(booked: list[str], text: str, found: list[str]) -> None:
    assert titles(text=text) == found


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (Sort.NEWEST, ["Early_2", "over", "late 1%"]),
        (Sort.SOONEST, ["over", "Early_2", "late 1%"]),
        (Sort.LATEST, ["late 1%", "Early_2", "over"]),
    ],
)
def test_pages_follow_each_other_in_every_order(
    booked: list[str], sort: Sort, order: list[str], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found: list[str] = []
    after: str | None = None

    for _ in order:
        with django_assert_num_queries(1):
            page = reservation_page(project_ids=None, filters=ReservationFilters(), limit=1, after=after, sort=sort)
        found += [row.title for row in page.rows]
        after = page.next_after

    assert (found, after) == (order, None)


def test_nothing_comes_after_what_there_is_not(booked: list[str]) -> None:
    for sort in Sort:
        page = reservation_page(project_ids=None, filters=ReservationFilters(), limit=1, after="r-none", sort=sort)
        assert (page.rows, page.next_after) == ((), None)


def test_states_are_counted_whatever_states_are_asked_for(booked: list[str]) -> None:
    asked = ReservationFilters(states={"held"}, text="e")

    assert counts_by_state(project_ids=None, filters=asked) == {"confirmed": 2, "cancelled": 1}
