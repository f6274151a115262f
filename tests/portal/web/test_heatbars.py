"""Bars over columns, in as few rows as they need; by hand."""

from datetime import UTC, datetime, timedelta

from portal.web.present.heatbars import LANES_MAX, Bar, Lanes, Piece, lanes_of
from portal.web.present.states import Pill

EIGHT = datetime(2030, 5, 13, 8, tzinfo=UTC)
EDGES = tuple(EIGHT + timedelta(hours=nth) for nth in range(7))  # six columns, from eight to two


def bar(name: str, starts: float, ends: float) -> Bar:
    hour = EIGHT - timedelta(hours=8)
    at = timedelta(hours=1)
    return Bar(name, f"/{name}", Pill("Confirmed", "info"), hour + starts * at, hour + ends * at)


def test_a_bar_covers_every_column_it_touches() -> None:
    early, late = bar("early", 6, 9), bar("late", 10.5, 12.25)

    assert lanes_of([late, early], EDGES) == Lanes(
        ((Piece(1, early), Piece(1), Piece(3, late), Piece(1)),),
        0,
    )


def test_what_overlaps_stands_below_and_what_only_meets_stands_beside() -> None:
    first, meets, over = bar("first", 8, 10), bar("meets", 10, 14), bar("over", 9, 11)

    assert lanes_of([first, meets, over], EDGES).rows == (
        (Piece(2, first), Piece(4, meets)),
        (Piece(1), Piece(2, over), Piece(3)),
    )


def test_what_lies_outside_has_no_place() -> None:
    assert lanes_of([bar("gone", 5, 8), bar("later", 14, 15)], EDGES) == Lanes((), 0)


def test_there_are_no_more_rows_than_a_page_bears_and_the_rest_is_counted() -> None:
    found = lanes_of([bar(f"b{nth}", 8, 14) for nth in range(LANES_MAX + 2)], EDGES)

    assert (len(found.rows), found.hidden) == (LANES_MAX, 2)
