"""A complete listing against the rows: every difference is named, nothing on the fabric is touched."""

import pytest

from fabric.composing.differences import Recorded, compare
from fabric.composing.reconcile import reconcile
from fabric.drivers.base import Inventory, SeenDevice
from fabric.drivers.emulator import mischief
from fabric.drivers.emulator.faults import FaultKind
from fabric.models import Composition, Drift, ResourceBlock
from fabric.states import BlockState, CompositionState, DriftKind
from tests.fabric.composing.house import House

TAG = "heddle-r-1-n0-g1"


def seen(tag: str | None = None, host: str | None = None, health: str = "ok") -> SeenDevice:
    return SeenDevice("b", "gpu", "SN", "10de:2321", "", host, tag, health)


def recorded(tag: str | None = None, host: str | None = None, *, is_moving: bool = False) -> Recorded:
    return Recorded(code="b", state=BlockState.FREE, tag=tag, host=host, is_moving=is_moving)


@pytest.mark.parametrize(
    ("row", "device", "is_complete", "kinds"),
    [
        (recorded(), seen(), True, []),
        (recorded(), None, True, [DriftKind.ABSENT]),
        (recorded(), None, False, []),
        (recorded("live", "h"), seen("live", "h"), True, []),
        (recorded("live", "h"), seen("live", "other"), True, [DriftKind.ELSEWHERE]),
        (recorded("live", "h"), seen("live-2", "h"), True, [DriftKind.ELSEWHERE]),
        (recorded("live", "h"), seen(), True, [DriftKind.LOST]),
        (recorded("live", "h", is_moving=True), seen(), True, []),
        (recorded(is_moving=True), seen("live", "h"), True, []),
        (recorded(), seen("live", "h"), True, [DriftKind.ELSEWHERE]),
        (recorded(), seen("dead", "h"), True, [DriftKind.ORPHAN]),
        (recorded(), seen("stranger", "h"), True, [DriftKind.FOREIGN]),
        (recorded("live", "h"), seen("stranger", "h"), True, [DriftKind.FOREIGN]),
        (recorded(), seen(health="failed"), True, [DriftKind.UNHEALTHY]),
        (recorded(), seen("stranger", "h", "failed"), True, [DriftKind.FOREIGN, DriftKind.UNHEALTHY]),
    ],
)
def test_each_difference_has_its_name(
    row: Recorded, device: SeenDevice | None, is_complete: bool, kinds: list[DriftKind]
) -> None:
    inventory = Inventory(devices=(device,) if device else (), machines=(), is_complete=is_complete)

    found = compare(
        inventory=inventory, recorded=[row], live_tags={"live", "live-2"}, our_tags={"live", "live-2", "dead"}
    )

    assert [difference.kind for difference in found] == kinds


def look(house: House) -> list[tuple[str, str]]:
    return [(d.block, str(d.kind)) for d in reconcile(pool=house.pool, driver=house.driver, now=house.now)]


def open_drifts() -> list[tuple[str, str]]:
    rows = Drift.objects.filter(resolved_at=None).order_by("block__code", "kind")
    return list(rows.values_list("block__code", "kind"))


def test_a_fabric_as_recorded_has_no_drift(house: House) -> None:
    house.compose(house.open())

    assert (look(house), open_drifts()) == ([], [])


def test_a_vanished_block_is_missing_and_one_that_returns_is_quarantined(house: House) -> None:
    house.world.vanish("gpu-1")
    first = look(house)
    gone = house.states()
    house.world.come_back("gpu-1")
    second = look(house)

    assert (first, gone) == ([("gpu-1", "absent")], {"gpu-1": "missing"})
    assert (second, house.states(), open_drifts()) == ([], {"gpu-1": "quarantined"}, [])
    assert Drift.objects.get().resolved_at == house.now


def test_a_partial_listing_makes_nothing_missing_and_settles_nothing(house: House) -> None:
    house.world.vanish("gpu-2")
    look(house)
    house.world.come_back("gpu-2")
    house.world.vanish("gpu-4")
    house.world.fault(FaultKind.PARTIAL_LISTING)

    assert look(house) == []
    assert (house.states(), open_drifts()) == ({"gpu-2": "missing"}, [("gpu-2", "absent")])


def test_a_block_attached_for_no_live_composition_is_an_orphan_and_is_left_alone(house: House) -> None:
    composition = house.open()
    house.compose(composition)
    Composition.objects.filter(pk=composition.pk).update(state=CompositionState.CLOSED)

    found = look(house)

    assert found == [("gpu-1", "orphan"), ("gpu-2", "orphan")]
    assert house.owners() == {"gpu-1": TAG, "gpu-2": TAG}


def test_what_was_pulled_off_or_taken_is_reported_once_and_settled_when_it_is_over(house: House) -> None:
    house.compose(house.open())
    house.world.detach("gpu-1")
    house.world.attach_foreign("gpu-3", "host-5", "stranger")
    mischief.fail(path=house.world.path, block="gpu-4", now=0)

    look(house)
    look(house)
    found = open_drifts()
    mischief.heal(path=house.world.path, block="gpu-4", now=0)
    house.world.detach("gpu-3")
    look(house)

    assert found == [("gpu-1", "lost"), ("gpu-3", "foreign"), ("gpu-4", "unhealthy")]
    assert open_drifts() == [("gpu-1", "lost")]
    assert Drift.objects.count() == 3


def test_a_composition_on_its_way_is_not_drift(house: House) -> None:
    house.open()
    house.driver.compose(op_key="c", tag=TAG, host="host-1", blocks=("gpu-1", "gpu-2"))
    house.wait(3600)

    assert look(house) == []


def test_a_missing_block_is_not_offered_again_by_a_release(house: House) -> None:
    composition = house.open()
    house.compose(composition)
    house.world.vanish("gpu-1")
    look(house)

    house.release(composition)

    assert ResourceBlock.objects.get(code="gpu-1").state == BlockState.MISSING
    assert (house.states(), house.owners()) == ({"gpu-1": "missing"}, {})
