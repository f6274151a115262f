"""The heatmap as text: numbers say it, colour only helps."""

from datetime import UTC

import pytest

from heddle.cli.heatmap import heatmap, legend, step_for
from heddle.shapes import Availability, FreeUnits


def units(total: int, usable: int, *free: int, lasting: list[int] | None = None) -> FreeUnits:
    return {
        "total": total,
        "usable": usable,
        "turnaround_minutes": 5,
        "free": list(free),
        "free_for_hours": lasting,
    }


def found(hours: int | None = None) -> Availability:
    return {
        "pool": "lab",
        "zone": None,
        "generation": 1,
        "step_minutes": 60,
        "hours": hours,
        "steps": [f"2030-05-13T{hour}:00:00Z" for hour in (22, 23)] + ["2030-05-14T00:00:00Z"],
        "device_classes": {
            "h100": units(8, 8, 8, 4, 0, lasting=[0, 0, 0] if hours else None),
            "l40s": units(12, 10, 10, 10, 1),
        },
        "hosts": units(4, 4, 4, 3, 3),
    }


def test_each_cell_is_a_number_and_none_is_a_dot() -> None:
    text = heatmap(found(), zone=UTC, is_lasting=False).plain

    assert text.splitlines() == [
        "         Mon 13 May",
        "         22:00 00:00",
        "h100   /8  8  4  ·",
        "l40s  /10 10 10  1",
        "hosts  /4  4  3  3",
    ]


def test_what_lasts_is_shown_where_it_was_asked_for() -> None:
    text = heatmap(found(8), zone=UTC, is_lasting=True).plain

    assert text.splitlines()[2] == "h100   /8  ·  ·  ·"
    assert legend(found(8), is_lasting=True) == (
        "Each number is what is free for the whole of each 60 min step and the 8 h after its start;"
        " /n is how many there are in service; · is none."
    )


def test_the_same_number_has_the_colour_of_its_share() -> None:
    spans = heatmap(found(), zone=UTC, is_lasting=False).spans
    cells = [span.style for span in spans if " on " in str(span.style)]

    assert cells == [
        "white on dark_green",
        "black on yellow3",
        "white on dark_red",
        "white on dark_green",
        "white on dark_green",
        "black on dark_orange",
        "white on dark_green",
        "black on green3",
        "black on green3",
    ]


@pytest.mark.parametrize(
    ("minutes", "width", "step"),
    [(1_440, 120, 60), (1_440, 80, 120), (1_440, 200, 30), (60, 120, 5), (86_400, 120, 1_440), (1_440, 10, 1_440)],
)
def test_columns_are_as_fine_as_the_terminal_is_wide(minutes: int, width: int, step: int) -> None:
    assert step_for(minutes=minutes, width=width) == step
