"""The reconciler and its repairs on every kind of fabric, over HTTP where it speaks HTTP: the same end on all."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fabric.composing.reconcile import reconcile
from fabric.composing.repairing import go_on, waiting
from fabric.models import Composition, FabricManager, Repair
from fabric.states import CompositionState
from tests.contracts.every_world import WORLDS
from tests.fabric.composing.house import House, build

BETWEEN_LOOKS = 20
LOOKS_MAX = 60


@pytest.fixture(params=sorted(WORLDS))
def house(request: pytest.FixtureRequest, db: None, tmp_path: Path) -> Iterator[House]:
    made = build(tmp_path / "rows")
    with closing(WORLDS[request.param](tmp_path / "fabric")) as made.world:
        yield made


def live(house: House, looks: int) -> None:
    """So many listings, with the repairs that follow carried on every five seconds, as beat does."""
    for _ in range(looks):
        manager = FabricManager.objects.get()
        reconcile(manager=manager, driver=house.driver, now=house.now)
        for _ in range(BETWEEN_LOOKS // 5):
            for repair_id in waiting(manager=manager, now=house.now):
                go_on(repair_id=repair_id, driver=house.driver, clock=lambda: house.now, on_end=lambda mended: None)
            house.wait(5)


def until_quiet(house: House) -> None:
    for _ in range(LOOKS_MAX):
        live(house, 1)
        if house.states() == {} and not Repair.objects.filter(state="open").exists():
            return
    raise AssertionError(f"It does not come to rest: {house.states()}, {list(Repair.objects.values())}")


def test_an_orphan_is_taken_apart_and_everything_is_offered_again(house: House) -> None:
    composition = house.open()
    assert house.compose(composition).outcome == "composed"
    blocks = composition.blocks.values_list("code", flat=True)  # a fabric may have picked others than were asked for
    Composition.objects.update(state=CompositionState.CLOSED)

    live(house, 1)
    first = house.states()
    until_quiet(house)

    assert first == dict.fromkeys([*blocks, "host-1"], "quarantined")
    assert house.owners() == {}
    assert list(Repair.objects.order_by("id").values_list("kind", "state")) == [
        ("detach", "done"), ("clean", "done"), ("clean", "done"),
    ]  # fmt: skip


def test_a_block_that_vanishes_is_missing_and_returns_clean(house: House) -> None:
    house.world.vanish("gpu-3")
    live(house, 3)
    gone = house.states()
    house.world.come_back("gpu-3")
    until_quiet(house)

    assert gone == {"gpu-3": "missing"}
    assert list(Repair.objects.values_list("kind", "blocks", "state")) == [("clean", ["gpu-3"], "done")]


def test_what_somebody_else_attached_is_left_to_them(house: House) -> None:
    house.world.attach_foreign("gpu-4", "host-4", "stranger")
    live(house, 5)
    taken = (house.states().get("gpu-4"), house.owners())
    house.world.detach("gpu-4")
    until_quiet(house)

    assert taken == ("quarantined", {"gpu-4": "stranger"})


def test_a_node_in_use_is_never_touched(house: House) -> None:
    house.compose(house.open())
    before = house.owners()

    live(house, 4)

    assert (house.owners(), Repair.objects.count()) == (before, 0)
    assert set(house.states().values()) == {"attached"}
