"""One change at a time: the queue at a fabric, across runs and processes, with leases."""

from datetime import timedelta
from pathlib import Path

import pytest

from fabric.composing.queueing import LEASE_SECONDS
from fabric.composing.run import NodeOutcome
from fabric.models import FabricManager, MutationTurn
from fabric.services.compositions import request_decompose
from fabric.services.turns import return_turn, take_turn
from tests.fabric.composing.house import START, House, build
from tests.fabric.composing.watched import Killed, Tripwire, Watched

SOON, LATER = START + timedelta(seconds=10), START + timedelta(seconds=30)


@pytest.fixture
def narrow_house(db: None, tmp_path: Path) -> House:
    """A fabric that takes one change at a time."""
    return build(tmp_path, max_parallel_mutations=1)


def take(key: str, *, now: object = START, until: object = SOON, at_most: int = 1) -> bool:
    manager = FabricManager.objects.get()
    return take_turn(manager_id=manager.id, key=key, now=now, until=until, at_most=at_most)


def test_first_come_first_served(house: House) -> None:
    before = [take("a"), take("b"), take("c"), take("b")]
    return_turn(manager_id=FabricManager.objects.get().id, key="a")

    assert (before, [take("c"), take("b")]) == ([True, False, False, False], [False, True])


def test_as_many_as_the_fabric_takes(house: House) -> None:
    assert [take(key, at_most=2) for key in "abc"] == [True, True, False]


def test_a_place_that_nobody_keeps_is_given_up(house: House) -> None:
    take("dead")
    waiting = take("b", until=LATER)

    assert (waiting, take("b", now=SOON + timedelta(seconds=1), until=LATER)) == (False, True)
    assert list(MutationTurn.objects.values_list("op_key", flat=True)) == ["b"]


def test_keeping_a_place_prolongs_it(house: House) -> None:
    take("a")
    take("a", now=SOON, until=LATER)

    assert take("b", now=SOON + timedelta(seconds=1), until=LATER) is False


def test_a_whole_life_leaves_no_turn_behind(narrow_house: House) -> None:
    composition = narrow_house.open()
    held: list[tuple[str, list[str]]] = []

    def look(moment: str) -> None:
        if moment in ("before compose", "before prove", "before decompose", "before clean"):
            held.append((moment, list(MutationTurn.objects.values_list("op_key", flat=True))))

    driver = Watched(narrow_house.driver, look)
    narrow_house.compose(composition, driver=driver)
    narrow_house.release(composition, driver=driver)

    assert held == [
        ("before compose", [composition.tag]),
        ("before prove", []),
        ("before decompose", [composition.tag]),
        ("before clean", [composition.tag]),
    ]
    assert not MutationTurn.objects.exists()


def test_a_run_waits_for_its_turn_before_it_writes_its_intent(narrow_house: House) -> None:
    house, composition = narrow_house, narrow_house.open()
    take("other", now=house.now, until=house.now + timedelta(seconds=20))

    result = house.compose(composition)

    step = composition.steps.get(kind="compose")
    assert result.outcome == NodeOutcome.COMPOSED
    assert step.started_at is not None
    assert step.started_at > START + timedelta(seconds=20)


def test_a_fabric_that_is_never_free_leaves_the_run_to_be_run_again(narrow_house: House) -> None:
    house, composition = narrow_house, narrow_house.open()
    take("other", now=house.now, until=house.now + timedelta(hours=1))

    result = house.compose(composition)

    assert (result.outcome, result.reason) == (
        NodeOutcome.UNKNOWN,
        "Others are changing the fabric; it waits for its turn.",
    )
    assert (house.world.mutations_accepted(), house.states()) == (0, {})
    assert list(MutationTurn.objects.values_list("op_key", flat=True)) == ["other", composition.tag]


def test_one_that_is_no_longer_wanted_leaves_the_queue(narrow_house: House) -> None:
    house, composition = narrow_house, narrow_house.open()
    take("other", now=house.now, until=house.now + timedelta(hours=1))

    def turn_round(seconds: float) -> None:
        house.wait(seconds)
        request_decompose(composition=composition, reason="Cancelled.")

    result = house.compose(composition, wait=turn_round)

    assert (result.outcome, result.reason) == (NodeOutcome.UNDONE, "Cancelled.")
    assert list(MutationTurn.objects.values_list("op_key", flat=True)) == ["other"]


def test_the_turn_of_a_run_that_died_is_its_successors_at_once_and_anybodys_after_the_lease(
    narrow_house: House,
) -> None:
    house, first, second = (
        narrow_house,
        narrow_house.open(),
        narrow_house.open(owner="r-2", host="host-2", blocks=("gpu-3",)),
    )
    moments = Tripwire()
    house.compose(house.open(owner="dry", host="host-3", blocks=("gpu-4",)), driver=Watched(house.driver, moments))
    with pytest.raises(Killed):
        house.compose(first, driver=Watched(house.driver, Tripwire(at=moments.moments.index("before compose"))))
    died = house.now

    house.compose(second)
    waited = (house.now - died).total_seconds()

    assert waited > LEASE_SECONDS
    assert house.compose(first).outcome == NodeOutcome.COMPOSED
    assert not MutationTurn.objects.exists()


def test_a_turn_without_an_intent_is_returned_by_whoever_takes_the_node_apart(narrow_house: House) -> None:
    house, composition = narrow_house, narrow_house.open()

    def is_current() -> bool:
        if MutationTurn.objects.exists():
            raise Killed
        return True

    with pytest.raises(Killed):
        house.compose(composition, is_current=is_current)
    before = (list(MutationTurn.objects.values_list("op_key", flat=True)), composition.steps.count())

    assert house.release(composition).outcome == NodeOutcome.RELEASED
    assert (before, MutationTurn.objects.exists()) == (([composition.tag], 1), False)
