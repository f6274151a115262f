"""When a fabric is looked at: each minute, sooner when it hints, and soon again when something is not settled."""

import pytest

from fabric.drivers.emulator import mischief
from fabric.drivers.emulator.faults import FaultKind, clear, set_fault
from fabric.models import FabricManager, ResourceBlock
from fabric.services.drivers import driver_for
from scheduler.services.watch_fabrics import Watch, is_hinting
from tests.scheduler.services.house import House, Truth

pytestmark = pytest.mark.django_db
SPARE = "pru-02-s01"


@pytest.fixture
def manager(house: House, truth: Truth) -> FabricManager:
    return FabricManager.objects.select_related("pool").get()


def looks(house: House, watch: Watch, manager: FabricManager, seconds: int) -> list[int]:
    """The seconds after which it was listed, asked every five."""
    found = []
    for second in range(0, seconds, 5):
        if watch.look(manager_id=manager.pk, now=house.clock.now):
            found.append(second)
        house.clock.turn(5)
    return found


def test_a_quiet_fabric_is_listed_each_minute(house: House, manager: FabricManager) -> None:
    assert looks(house, Watch(), manager, 180) == [0, 60, 120]


def test_a_hint_brings_the_next_listing_forward(house: House, truth: Truth, manager: FabricManager) -> None:
    watch = Watch()
    first = looks(house, watch, manager, 30)
    mischief.heal(path=truth.path, block=SPARE, now=0)

    assert (first, looks(house, watch, manager, 60)) == ([0], [0])


def test_hints_that_come_thick_do_not_list_it_all_the_time(house: House, truth: Truth, manager: FabricManager) -> None:
    watch, found = Watch(), []
    for second in range(0, 60, 5):
        mischief.heal(path=truth.path, block=SPARE, now=0)
        found += [second] * watch.look(manager_id=manager.pk, now=house.clock.now)
        house.clock.turn(5)

    assert found == [0, 20, 40]


def test_what_is_not_settled_is_looked_at_again_soon_until_it_is(
    house: House, truth: Truth, manager: FabricManager
) -> None:
    watch = Watch()
    looks(house, watch, manager, 60)
    mischief.vanish(path=truth.path, block=SPARE, now=0)

    found = looks(house, watch, manager, 60)

    assert found == [0, 20, 40]
    assert ResourceBlock.objects.get(code=SPARE).state == "missing"


def test_one_that_does_not_answer_is_asked_again_soon(house: House, truth: Truth, manager: FabricManager) -> None:
    watch = Watch()
    set_fault(path=truth.path, kind=FaultKind.UNREADABLE)
    silent = looks(house, watch, manager, 60)
    clear(path=truth.path)

    assert (silent, looks(house, watch, manager, 90)) == ([0, 20, 40], [0, 60])


def test_the_cursor_moves_on_and_each_hint_counts_once(house: House, truth: Truth, manager: FabricManager) -> None:
    mischief.heal(path=truth.path, block=SPARE, now=0)
    first = is_hinting(manager=manager)
    manager.refresh_from_db()
    last = str(len(list(driver_for(manager).events(""))))

    assert (first, manager.events_cursor, is_hinting(manager=manager)) == (True, last, False)


def test_losing_every_hint_costs_latency_only(house: House, truth: Truth, manager: FabricManager) -> None:
    watch = Watch()
    looks(house, watch, manager, 30)
    mischief.vanish(path=truth.path, block=SPARE, now=0)
    FabricManager.objects.update(events_cursor="1000000")

    assert looks(house, watch, manager, 60) == [30, 50]
