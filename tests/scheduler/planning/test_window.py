from dataclasses import replace
from datetime import timedelta

from scheduler.planning.window import pad, setup_seconds
from tests.worlds import NOW, POLICY, window


def test_setup_and_clean_up_are_put_around_the_window() -> None:
    asked = window(hours_ahead=3, hours=2)

    busy_from, busy_until = pad(window=asked, policy=POLICY, now=NOW)

    assert (busy_from, busy_until) == (NOW + timedelta(hours=2, minutes=55), NOW + timedelta(hours=5, minutes=5))
    assert setup_seconds(starts_at=asked.starts_at, busy_from=busy_from) == 300


def test_the_setup_is_cut_at_now() -> None:
    asked = window(hours_ahead=2 / 60)

    busy_from, _ = pad(window=asked, policy=POLICY, now=NOW)

    assert busy_from == NOW
    assert setup_seconds(starts_at=asked.starts_at, busy_from=busy_from) == 120


def test_a_start_a_moment_ago_has_no_setup_and_is_busy_from_its_start() -> None:
    asked = window(hours_ahead=-30 / 3600)

    busy_from, _ = pad(window=asked, policy=POLICY, now=NOW)

    assert busy_from == asked.starts_at
    assert setup_seconds(starts_at=asked.starts_at, busy_from=busy_from) == 0


def test_a_pool_without_padding_is_busy_for_the_window_alone() -> None:
    bare = replace(POLICY, setup_minutes=0, teardown_minutes=0)

    assert pad(window=window(), policy=bare, now=NOW) == (window().starts_at, window().ends_at)
