"""The tick goes on whatever a fabric does; what is slow is done beside it, and never twice at once."""

import threading
from datetime import datetime, timedelta

import pytest

from scheduler.beat import CHORES, Chore, Ticker
from tests.scheduler.services.house import MONDAY

pytestmark = pytest.mark.django_db
PATIENCE_SECONDS = 30


def test_a_fabric_that_does_not_answer_holds_up_no_tick() -> None:
    began, answered, over = threading.Event(), threading.Event(), threading.Event()
    looks: list[datetime] = []
    quick: list[datetime] = []

    def look(now: datetime) -> None:
        looks.append(now)
        began.set()
        answered.wait(PATIENCE_SECONDS)
        over.set()

    moments = [MONDAY + timedelta(seconds=second) for second in range(3)]
    rest = iter(moments)
    ticker = Ticker(
        clock=lambda: next(rest),
        chores=[
            Chore("look", timedelta(seconds=1), look, is_slow=True),
            Chore("quick", timedelta(seconds=1), quick.append),
        ],
    )

    for _ in moments:
        ticker.tick()
    assert began.wait(PATIENCE_SECONDS)
    assert (quick, looks, over.is_set()) == (moments, [MONDAY], False)

    answered.set()
    assert over.wait(PATIENCE_SECONDS)


def test_only_the_look_at_the_fabrics_is_slow() -> None:
    assert [chore.name for chore in CHORES if chore.is_slow] == ["inspect"]
