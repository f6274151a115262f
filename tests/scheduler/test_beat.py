"""The tick goes on whatever a fabric does; what is slow is done beside it, and never twice at once."""

import threading
from datetime import datetime, timedelta

import pytest

from scheduler.beat import CHORES, Chore, FabricChore, Ticker, fabric_chores
from scheduler.services.watch_fabrics import Watch
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


def test_one_slow_fabric_holds_up_no_other() -> None:
    """Each is asked beside the tick on its own, and never twice at once."""
    second_is_done, let_go, over = threading.Event(), threading.Event(), threading.Event()
    looks: list[tuple[int, datetime]] = []

    def look(fabric: int, now: datetime) -> None:
        looks.append((fabric, now))
        if fabric == 1:
            let_go.wait(PATIENCE_SECONDS)
            over.set()
        elif len(looks) == 3:
            second_is_done.set()

    moments = iter([MONDAY, MONDAY + timedelta(seconds=5)])
    ticker = Ticker(
        clock=lambda: next(moments),
        chores=[],
        of_fabrics=[FabricChore("look", timedelta(seconds=5), lambda: [1, 2], look)],
    )

    ticker.tick()
    while ticker.is_under_way("look 2"):
        let_go.wait(0.01)
    ticker.tick()

    assert second_is_done.wait(PATIENCE_SECONDS)
    assert sorted(looks) == [(1, MONDAY), (2, MONDAY), (2, MONDAY + timedelta(seconds=5))]
    let_go.set()
    assert over.wait(PATIENCE_SECONDS)


def test_what_asks_a_fabric_is_done_beside_the_tick() -> None:
    of_fabrics = fabric_chores(watch=Watch(), clock=lambda: MONDAY)

    assert [chore.name for chore in of_fabrics] == ["inspect", "repair"]
    assert [chore.name for chore in CHORES if chore.is_slow] == ["replan", "refill"]
