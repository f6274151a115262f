"""Two processes look at one fabric, or carry out one repair, at the same moment: as if there were one."""

import threading
from collections.abc import Callable

from django.db import connection

from fabric.composing.reconcile import reconcile
from fabric.composing.repairing import go_on, waiting
from fabric.models import Composition, Drift, FabricManager, Repair, ResourceBlock
from fabric.states import CompositionState
from tests.fabric.composing.house import House

THREAD_SECONDS_MAX = 30


def at_once(act: Callable[[], object], times: int = 4) -> list[BaseException]:
    """So many threads begin together; what went wrong in any."""
    gate, wrong = threading.Barrier(times), list[BaseException]()

    def run() -> None:
        try:
            gate.wait(THREAD_SECONDS_MAX)
            act()
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(THREAD_SECONDS_MAX)
    return wrong


def look(house: House) -> None:
    reconcile(manager=FabricManager.objects.get(), driver=house.driver, now=house.now)


def test_a_difference_is_written_down_and_counted_once(committed_house: House) -> None:
    house = committed_house
    house.world.vanish("gpu-1")

    wrong = at_once(lambda: look(house))
    house.wait(60)
    wrong += at_once(lambda: look(house))

    assert wrong == []
    assert list(Drift.objects.values_list("block__code", "kind", "sightings")) == [("gpu-1", "absent", 2)]


def test_an_orphan_is_taken_apart_by_one_repair(committed_house: House) -> None:
    house = committed_house
    house.compose(house.open())
    Composition.objects.update(state=CompositionState.CLOSED)

    for _ in range(3):
        assert at_once(lambda: look(house)) == []
        house.wait(60)

    assert list(Repair.objects.values_list("kind", "blocks")) == [("detach", ["gpu-1", "gpu-2"])]


def test_a_repair_is_carried_out_once_by_many(committed_house: House) -> None:
    house = committed_house
    ResourceBlock.objects.filter(code="gpu-1").update(
        state="missing", state_reason="A complete listing of the fabric does not show it."
    )
    look(house)
    before = house.world.mutations_accepted()

    def step() -> None:
        for repair_id in waiting(manager=FabricManager.objects.get(), now=house.now):
            go_on(repair_id=repair_id, driver=house.driver, clock=lambda: house.now, on_end=lambda mended: None)

    while Repair.objects.filter(state="open").exists():
        assert at_once(step) == []
        house.wait(5)

    assert (Repair.objects.get().state, house.world.mutations_accepted() - before) == ("done", 1)
    assert ResourceBlock.objects.get(code="gpu-1").state == "free"
