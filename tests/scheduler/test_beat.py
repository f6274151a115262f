"""The tick goes on whatever a fabric does; what is slow is done beside it, and never twice at once."""

import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from fabric.drivers.emulator import mischief
from fabric.models import Repair, ResourceBlock
from fabric.services.drivers import driver_for, emulator_path_of
from fabric.services.sync import sync_pool_file
from scheduler.beat import CHORES, Chore, FabricChore, Ticker, fabric_chores
from scheduler.services.watch_fabrics import Watch
from tests.scheduler.services.house import MONDAY, Clock

pytestmark = pytest.mark.django_db
PATIENCE_SECONDS = 30
LOOKS_MAX = 60


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
    assert [chore.name for chore in CHORES if chore.is_slow] == [
        "webhooks",
        "send",
        "letters",
        "starting",
        "idle",
        "replan",
        "give-back",
        "profiles",
        "auto-extend",
        "refill",
        "waitlist",
        "purge",
    ]


@pytest.mark.django_db(transaction=True)
def test_beat_looks_at_a_fabric_and_repairs_it(settings: Settings, tmp_path: Path) -> None:
    """Threads and database as they are: a block vanishes, is missing, returns, is cleaned and offered again."""
    settings.HEDDLE_DATA_DIR = tmp_path
    pool = sync_pool_file(path_or_name="lab", now=MONDAY)
    pool.simulation = {**pool.simulation, "latency_scale": 0}
    pool.save(update_fields=["simulation"])
    manager = pool.fabric_managers.get()
    driver_for(manager)
    clock = Clock()
    ticker = Ticker(clock=clock, chores=[])
    spare = ResourceBlock.objects.get(code="pru-02-s01")

    def until(state: str) -> None:
        for _ in range(LOOKS_MAX):
            ticker.tick()
            while any(ticker.is_under_way(f"{name} {manager.pk}") for name in ("inspect", "repair")):
                threading.Event().wait(0.01)
            spare.refresh_from_db()
            if spare.state == state:
                return
            clock.turn(5)
        raise AssertionError(f"it is {spare.state}")

    until("free")
    mischief.vanish(path=emulator_path_of(pool), block=spare.code, now=0)
    until("missing")
    mischief.come_back(path=emulator_path_of(pool), block=spare.code, now=0)
    until("free")

    assert list(Repair.objects.values_list("kind", "state")) == [("clean", "done")]
