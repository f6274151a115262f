"""Steps with their durations: within the phase they belong to, and counting on while they run."""

from datetime import datetime, timedelta

import pytest

from portal.web.present.steps import StepView, TryView, try_view
from scheduler.queries.reservation_detail import CompositionDetail, StepDetail
from tests.worlds import NOW


def step(
    kind: str, begin: float | None, end: float | None, *, state: str = "done", number: int = 0, is_undo: bool = False
) -> StepDetail:
    """`begin` and `end` in seconds from NOW."""
    return StepDetail(
        position=0,
        round=number,
        kind=kind,
        is_undo=is_undo,
        state=state,
        attempt=1,
        started_at=None if begin is None else at(begin),
        finished_at=None if end is None else at(end),
        message="",
        lines=(),
    )


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def shown(*steps: StepDetail, state: str = "composed", now: float = 9_999) -> TryView:
    composition = CompositionDetail(
        tag="t", node=0, generation=1, state=state, state_reason="", host="host-1", access={}, steps=steps
    )
    return try_view(composition, is_last=True, now=at(now))


def bars(view: TryView) -> list[tuple[int, int]]:
    return [(one.x, one.width) for one in view.steps]


def test_a_bar_is_where_in_its_phase_the_step_was_and_how_long() -> None:
    view = shown(step("inspect", 0, 2), step("compose", 2, 8), step("prove", 8, 10))

    assert bars(view) == [(0, 200), (200, 600), (800, 200)]
    assert [one.took for one in view.steps] == ["2.0\u00a0s", "6.0\u00a0s", "2.0\u00a0s"]
    assert view.took == "wired in 10.0\u00a0s"


def test_hours_of_use_are_no_part_of_a_phase() -> None:
    view = shown(
        step("compose", 0, 10),
        step("resize", 100, 105, number=1),
        step("decompose", 7_200, 7_215),
        step("clean", 7_215, 7_260),
        state="closed",
    )

    assert bars(view) == [(0, 1_000), (0, 1_000), (0, 250), (250, 750)]
    assert view.took == "wired in 10.0\u00a0s, change 1 in 5.0\u00a0s, taken apart in 1\u00a0min"


def test_what_is_undone_belongs_to_the_wiring_that_failed() -> None:
    view = shown(step("compose", 0, 6, state="not_done"), step("decompose", 6, 8, is_undo=True))

    assert (bars(view), view.took) == ([(0, 750), (750, 250)], "wired in 8.0\u00a0s")


def test_what_runs_counts_on_and_what_has_not_begun_has_no_bar() -> None:
    view = shown(
        step("inspect", 0, 1), step("compose", 1, None, state="started"), step("prove", None, None, state="pending"),
        state="composing", now=5,
    )  # fmt: skip

    running: StepView = view.steps[1]
    assert (running.running_since, running.took, running.pill.label) == (at(1), "4.0\u00a0s", "Running")
    assert (bars(view), view.is_open) == ([(0, 200), (200, 800), (0, 0)], True)
    assert (view.steps[0].running_since, view.steps[2].took) == (None, "")


@pytest.mark.parametrize(("minutes", "is_open"), [(4, True), (6, False)])
def test_what_was_done_a_moment_ago_is_shown_unasked(minutes: int, is_open: bool) -> None:
    assert shown(step("compose", 0, 10), now=10 + minutes * 60).is_open is is_open


def test_the_shortest_step_can_still_be_seen() -> None:
    assert bars(shown(step("inspect", 0, 0.001), step("compose", 0.001, 100), step("grant", 100, 100))) == [
        (0, 8),
        (0, 1_000),
        (992, 8),
    ]
