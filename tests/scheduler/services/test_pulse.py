"""A lease is kept for as long as its holder lives and does not hang."""

from threading import Event

import pytest

from scheduler.services._pulse import Pulse

SECONDS = 10  # until which whatever is waited for has happened, if it does at all


class Beats:
    """Counts, and lets a test wait for a number of them."""

    def __init__(self, *, enough: int, is_failing: bool = False) -> None:
        self.count = 0
        self.is_enough = Event()
        self._enough, self._is_failing = enough, is_failing

    def __call__(self) -> None:
        self.count += 1
        if self.count >= self._enough:
            self.is_enough.set()
        if self._is_failing:
            raise OSError("the database is away")


@pytest.mark.parametrize("is_failing", [False, True])
def test_it_beats_until_the_work_is_done_whether_or_not_it_is_heard(is_failing: bool) -> None:
    beats = Beats(enough=3, is_failing=is_failing)

    with Pulse(beats, seconds=0.001):
        assert beats.is_enough.wait(SECONDS)
    count = beats.count

    assert not Event().wait(0.01)
    assert beats.count == count


def test_who_hangs_loses_it() -> None:
    beats = Beats(enough=4)

    with Pulse(beats, seconds=0.001, silence_max=0.003) as pulse:
        assert not beats.is_enough.wait(0.2)
        assert beats.count == 3
        assert not pulse.is_felt


def test_work_that_goes_on_keeps_it() -> None:
    beats = Beats(enough=10)

    with Pulse(lambda: (beats(), pulse.felt()), seconds=0.001, silence_max=0.003) as pulse:
        assert beats.is_enough.wait(SECONDS)
