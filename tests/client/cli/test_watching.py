"""What is said of a reservation while it changes, where there is no terminal."""

from datetime import UTC, datetime
from typing import Any

import pytest

from heddle.cli.booked import step_line
from heddle.cli.watching import news
from heddle.cli.words import length, period, plain

NOW = datetime(2030, 5, 13, 10, 0, 30, tzinfo=UTC)


def step(kind: str, state: str, position: int = 1, **more: Any) -> Any:
    return {
        "position": position,
        "round": 0,
        "kind": kind,
        "undo": False,
        "state": state,
        "attempt": 1,
        "started_at": None if state == "pending" else "2030-05-13T10:00:00Z",
        "finished_at": "2030-05-13T10:00:20Z" if state in ("done", "not_done") else None,
        "message": "",
        **more,
    }


def reservation(state: str, *steps: Any) -> Any:
    return {
        "code": "r-1",
        "state": state,
        "title": "",
        "starts_at": "2030-05-13T10:05:00Z",
        "ends_at": "2030-05-13T12:05:00Z",
        "compositions": [{"tag": "t", "node": 0, "steps": list(steps)}],
    }


def told(before: Any, after: Any) -> list[str]:
    return list(news(before, after, zone=UTC, now=NOW))


def test_each_change_is_told_once() -> None:
    first = reservation(
        "composing", step("inspect", "done"), step("compose", "started", 2), step("prove", "pending", 3)
    )
    second = reservation("composing", step("inspect", "done"), step("compose", "done", 2), step("prove", "pending", 3))
    third = reservation("active", step("inspect", "done"), step("compose", "done", 2), step("prove", "done", 3))

    assert told(None, first) == [
        "Mon 13 May 10:00  node 1  ✓  inspect            20 s",
        "Mon 13 May 10:00  node 1  ▸  compose            30 s",
        "r-1  ◐ composing  Mon 13 May 10:05 – 12:05 UTC",
    ]
    assert told(first, second) == ["Mon 13 May 10:00  node 1  ✓  compose            20 s"]
    assert told(second, second) == []
    assert told(second, third) == [
        "Mon 13 May 10:00  node 1  ✓  prove              20 s",
        "r-1  ● active  Mon 13 May 10:05 – 12:05 UTC",
    ]


def test_a_second_try_and_an_undo_are_steps_of_their_own() -> None:
    once = reservation("composing", step("compose", "not_done"))
    twice = reservation(
        "composing",
        step("compose", "not_done"),
        step("compose", "done", undo=True),
        step("compose", "started", attempt=2),
    )

    assert told(once, twice) == [
        "Mon 13 May 10:00  node 1  ✓  undo compose       20 s",
        "Mon 13 May 10:00  node 1  ▸  compose            30 s",
    ]


def test_a_step_that_runs_grows_older() -> None:
    assert step_line(step("compose", "started"), now=NOW).split()[-2:] == ["30", "s"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "0.0 s"),
        (3.21, "3.2 s"),
        (12.4, "12 s"),
        (200, "3 min 20 s"),
        (7_200, "2 h"),
        (9_000, "2 h 30 min"),
        (352_800, "4 d 2 h"),
    ],
)
def test_lengths_have_the_two_units_that_matter(seconds: float, said: str) -> None:
    assert length(seconds) == said


def test_a_period_over_midnight_names_both_days() -> None:
    assert period("2030-05-13T22:00:00Z", "2030-05-14T01:00:00Z", zone=UTC) == "Mon 13 May 22:00 – Tue 14 May 01:00 UTC"


def test_names_are_shown_in_every_script_and_obeyed_in_none() -> None:
    assert plain("שלום 数据 é\x1b]0;x\x07\u202e") == "שלום 数据 é]0;x"
