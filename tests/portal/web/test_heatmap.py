"""Rows of the availability table: figures, levels and what leads to a booking; by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.web.forms.outlook import Zoom
from portal.web.present.columns import Tick
from portal.web.present.heatmap import Cell, HeatRow, heat_rows, is_dense, level
from scheduler.planning.availability import Availability, Free
from scheduler.queries.availability import HOSTS, FreeNow, Outlook
from tests.worlds import GPU, NIC, NVME, device_class

NOON = datetime(2030, 5, 13, 12, tzinfo=UTC)
TICKS = (Tick("", "12", ":00", False, False), Tick("", "13", ":00", True, False))
FACTS = {GPU: device_class(GPU), NVME: device_class(NVME, "nvme"), NIC: device_class(NIC, "nic")}
BOOK = "/reservations/new/?pool=lab"


def free(usable: int, *counts: int, out: int = 0, hours: tuple[int, ...] = ()) -> Free:
    return Free(usable + out, usable, 5, counts, hours)


def outlook(**classes: Free) -> Outlook:
    """The gpu, by name "g", is not free before one o'clock; of the others there is one."""
    by_code = {{"g": GPU, "d": NVME, "n": NIC}[name]: one for name, one in classes.items()}
    now = {code: FreeNow(1, None) for code in (*by_code, HOSTS)} | {GPU: FreeNow(0, NOON + timedelta(hours=1))}
    return Outlook(Availability((NOON,) * 2, by_code, free(2, 2, 1)), now, FACTS)


def rows(seen: Outlook, *, book: str = BOOK) -> tuple[HeatRow, ...]:
    return heat_rows(seen, names={GPU: "G", NVME: "D", NIC: "A"}, ticks=TICKS, book=book)


@pytest.mark.parametrize(
    ("count", "usable", "expected"),
    [(0, 0, 0), (0, 8, 0), (1, 8, 1), (2, 8, 2), (4, 8, 3), (5, 8, 4), (7, 8, 5), (8, 8, 6), (1, 1, 6), (99, 100, 5)],
)
def test_a_level_is_none_or_all_or_one_of_five_between(count: int, usable: int, expected: int) -> None:
    """Between, a fifth of all is a level: 2 of 8 are a quarter, in the second fifth."""
    assert level(count, usable) == expected


def test_accelerators_come_first_and_hosts_last() -> None:
    found = rows(outlook(n=free(1, 1, 1), d=free(1, 1, 1), g=free(4, 0, 2)))

    assert [(row.code, row.name) for row in found] == [(GPU, "G"), (NVME, "D"), (NIC, "A"), (HOSTS, "Hosts")]


def test_a_cell_has_its_figure_its_level_and_the_line_of_a_new_day() -> None:
    gpus = rows(outlook(g=free(4, 0, 2, out=1)))[0]

    assert gpus.cells == (Cell(0, "l0"), Cell(2, "l3 d"))
    assert (gpus.usable, gpus.out, gpus.now, gpus.next_at) == (4, 1, 0, NOON + timedelta(hours=1))


def test_figures_are_those_of_the_hours_where_hours_were_asked_for() -> None:
    assert rows(outlook(g=free(4, 4, 4, hours=(3, 4))))[0].cells == (Cell(3, "l4"), Cell(4, "l6 d"))


def test_a_booking_begins_when_one_is_free_and_takes_one() -> None:
    found = rows(outlook(g=free(4, 0, 2), d=free(1, 1, 1)))

    assert [row.book for row in found] == [
        f"{BOOK}&device_class={GPU}&count=1&starts_at=2030-05-13T13%3A00%3A00Z",
        f"{BOOK}&device_class={NVME}&count=1",
        BOOK,
    ]
    assert [row.book for row in rows(outlook(g=free(4, 0, 2)), book="")] == ["", ""]


def test_a_booking_lasts_as_long_as_was_asked_for() -> None:
    """A day is 1,440 minutes."""
    found = heat_rows(outlook(d=free(1, 1, 1)), names={NVME: "D"}, ticks=TICKS, book=BOOK, hours=24)

    assert [row.book for row in found] == [
        f"{BOOK}&device_class={NVME}&count=1&duration_minutes=1440",
        f"{BOOK}&duration_minutes=1440",
    ]


@pytest.mark.parametrize(
    ("usable", "dense"),
    [(99, {Zoom.HOURS: False, Zoom.DAYS: False, Zoom.WEEKS: False}), (999, {Zoom.HOURS: True, Zoom.DAYS: False})],
)
def test_figures_that_would_not_fit_are_shown_where_one_points(usable: int, dense: dict[Zoom, bool]) -> None:
    found = rows(outlook(g=free(usable, 1, 1)))

    assert {zoom: is_dense(found, zoom) for zoom in dense} == dense
