"""The bench of the API runs on a small pool; no time is judged, but how it judges is."""

import pytest

from portal.bench import api, api_booking, api_list
from portal.bench.api import Cell, Effort, missed_by
from portal.bench.measuring import Stopwatch

SMALL = Effort(pool="lab", sizes=(55, 60), runs=1, bookings=1, pages=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.needs_broker
def test_it_books_and_lists_beside_the_bare_views() -> None:
    lines: list[str] = []

    api.run(say=lines.append, effort=SMALL)

    said = "\n".join(lines)
    assert "lab: 55 more reservations, 55 of them ahead\nlab: 5 more reservations, 5 of them ahead" in said
    assert "### The API over HTTP, one client, one web process (ms)" in said
    assert "from 55 to 60 reservations" in said


def cell(*, size: int, bare_booking: int, booking: int, bare_page: int, page: int) -> Cell:
    """Milliseconds of one call each."""
    booked = {api_booking.LEAN: bare_booking, api_booking.BOOKING: booking}
    listed = {api_list.BARE: bare_page, api_list.PAGE: page}
    return Cell(size, *(Stopwatch({name: [[ms / 1000]] for name, ms in one.items()}) for one in (booked, listed)))


@pytest.mark.parametrize(
    ("bare_booking", "booking", "bare_page", "page", "page_before", "missed"),
    [
        (6, 10, 20, 10, 8, []),
        (5, 10, 20, 10, 8, ["booking at 1,000"]),
        (6, 10, 19, 10, 8, ["page at 1,000"]),
        (6, 10, 20, 10, 6, ["growth"]),
    ],
)
def test_goals_are_shares_of_the_bare_views_and_growth(
    bare_booking: int, booking: int, bare_page: int, page: int, page_before: int, missed: list[str]
) -> None:
    before = cell(size=100, bare_booking=6, booking=10, bare_page=20, page=page_before)
    after = cell(size=1_000, bare_booking=bare_booking, booking=booking, bare_page=bare_page, page=page)

    assert missed_by([before, after]) == missed
