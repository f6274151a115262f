"""The waits between tries of a letter."""

from datetime import timedelta

from scheduler import limits
from scheduler.post.schedule import WAITS, wait_after


def test_a_letter_is_tried_for_less_than_a_day() -> None:
    assert timedelta(hours=20) < sum(WAITS, timedelta(0)) < timedelta(hours=limits.LETTER_HOURS_MAX)


def test_waits_grow_and_end() -> None:
    found = [wait_after(tries=tries, chance=0.0) for tries in range(1, len(WAITS) + 2)]

    assert found == [*WAITS, None]


def test_chance_cuts_a_wait_by_up_to_a_fifth() -> None:
    assert wait_after(tries=1, chance=1.0) == timedelta(seconds=48)
