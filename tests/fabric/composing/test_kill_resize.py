"""A worker dies at a moment of a change of a node in use, forth or back: the next one ends it, or takes the node apart.

Around each call that changes the fabric and some others; `--deep` takes every one. What a moment is, as in `test_kill`.
The witness is the emulator's own file.
"""

from typing import Any

import pytest

from fabric.composing.run import NodeOutcome
from fabric.drivers.base import CardSetting
from fabric.drivers.emulator.faults import FaultKind
from fabric.drivers.emulator.seed import set_latency_scale
from fabric.models import Composition, Resize
from tests.contracts.worlds import make_small
from tests.fabric.composing.house import House
from tests.fabric.composing.test_kill import STEADY, Turn, arguments
from tests.fabric.composing.watched import Killed, Tripwire, Watched

AROUND = range(-1, 2)
STRIDE = 80
EVERY = 3  # of these moments, where what follows the kill was seen to be taken up at each
MUTATIONS = ("before configure", "before resize", "before clean")
CUT = CardSetting(layout={"1g.10gb": 7})
DRY = {"host": "host-2", "blocks": ("gpu-5",)}


@pytest.fixture
def quick_house(house: House, is_deep: bool) -> House:
    if is_deep:
        make_small(
            house.world.path, bind_seconds=STEADY, unbind_seconds=STEADY, clean_seconds=STEADY, configure_seconds=STEADY
        )
    else:
        set_latency_scale(path=house.world.path, scale=0)
    return house


def in_use(house: House, owner: str, **changes: Any) -> Composition:
    composition = house.open(owner=owner, **changes)
    assert house.compose(composition).outcome == NodeOutcome.COMPOSED
    return composition


def wished(house: House, composition: Composition) -> Resize:
    """A swap of gpu-1 for gpu-3, which is cut first."""
    return house.open_resize(composition, adds=("gpu-3",), removes=("gpu-1",), settings={"gpu-3": CUT})


def moments_of(house: House, is_deep: bool, every: int = 1) -> list[int]:
    """Where to kill, from an undisturbed run on a node that is gone afterwards."""
    dry, tripwire = in_use(house, "dry"), Tripwire()
    house.resize(wished(house, dry), **arguments(house, tripwire))
    house.release(dry)
    if is_deep:
        return list(range(len(tripwire.moments)))
    calls = [at for at, moment in enumerate(tripwire.moments) if moment in MUTATIONS]
    near = {at + offset for at in calls for offset in AROUND}
    everywhere = set(range(len(tripwire.moments)))
    return sorted((near | set(range(0, len(tripwire.moments), STRIDE))) & everywhere)[::every]


def kill(house: House, resize: Resize, at: int) -> str:
    with pytest.raises(Killed) as death:
        house.resize(resize, **arguments(house, Tripwire(at=at)))
    return str(death.value)


def asked_of_the_fabric(house: House, composition: Composition) -> list[str]:
    return sorted(op["kind"] for op in house.world.truth()["operations"] if op["tag"] == composition.tag)


def granted(composition: Composition) -> list[str]:
    composition.refresh_from_db()
    return [device["block"] for device in composition.access["devices"]]


def test_a_change_killed_at_any_moment_is_carried_out_exactly_once(quick_house: House, is_deep: bool) -> None:
    house = quick_house
    moments = moments_of(house, is_deep)
    for at in moments:
        composition = in_use(house, f"r-{at}")
        resize = wished(house, composition)
        moment = kill(house, resize, at)

        result = house.resize(resize)

        resize.refresh_from_db()
        assert (result.outcome, resize.state) == (NodeOutcome.RESIZED, "done"), moment
        assert house.owners() == {"gpu-2": composition.tag, "gpu-3": composition.tag}, moment
        assert house.states() == {"gpu-2": "attached", "gpu-3": "attached", "host-1": "attached"}, moment
        assert (house.open_attachments(), granted(composition)) == (["gpu-2", "gpu-3"], ["gpu-2", "gpu-3"]), moment
        assert asked_of_the_fabric(house, composition) == ["compose", "configure", "resize", "resize"], moment
        assert house.release(composition).outcome == NodeOutcome.RELEASED, moment
    assert len(moments) > 9


def test_a_node_whose_change_was_killed_at_any_moment_can_be_released(quick_house: House, is_deep: bool) -> None:
    house = quick_house
    for at in moments_of(house, is_deep, EVERY):
        composition = in_use(house, f"r-{at}")
        resize = wished(house, composition)
        moment = kill(house, resize, at)

        released = house.release(composition)

        resize.refresh_from_db()
        assert (released.outcome, resize.state in ("done", "undone")) == (NodeOutcome.RELEASED, True), moment
        assert (house.owners(), house.states(), house.open_attachments()) == ({}, {}, []), moment
        assert (house.world.settings(), house.world.machines()) == ({}, {}), moment
        assert house.resize(resize).outcome in (NodeOutcome.RESIZED, NodeOutcome.NOT_RESIZED), moment


def test_a_failed_addition_killed_at_any_moment_leaves_the_node_as_it_was(quick_house: House, is_deep: bool) -> None:
    house = quick_house
    house.world.fault(FaultKind.BIND_FAILURE, blocks=["gpu-3"])
    for at in moments_of(house, is_deep, EVERY):
        composition = in_use(house, f"r-{at}")
        resize = wished(house, composition)
        moment = kill(house, resize, at)

        result = house.resize(resize)

        resize.refresh_from_db()
        assert (result.outcome, result.failed_blocks) == (NodeOutcome.NOT_RESIZED, ("gpu-3",)), moment
        assert (resize.state, granted(composition)) == ("undone", ["gpu-1", "gpu-2"]), moment
        assert house.owners() == {"gpu-1": composition.tag, "gpu-2": composition.tag}, moment
        assert house.states() == {"gpu-1": "attached", "gpu-2": "attached", "host-1": "attached"}, moment
        assert house.world.settings() == {}, moment
        assert house.release(composition).outcome == NodeOutcome.RELEASED, moment


@pytest.mark.parametrize("rival", ["resize", "release"])
def test_a_worker_overtaken_during_a_call_changes_nothing_afterwards(
    quick_house: House, rival: str, is_deep: bool
) -> None:
    """It hangs before or after a call of the driver while the rival does all the work, and then goes on."""
    house = quick_house
    dry, tripwire = in_use(house, "dry"), Tripwire()
    house.resize(wished(house, dry), driver=Watched(house.driver, tripwire))
    house.release(dry)
    for at, moment in list(enumerate(tripwire.moments))[:: 1 if is_deep else 11]:
        composition = in_use(house, f"r-{at}")
        resize, seen = wished(house, composition), []

        def overtake(composition: Composition = composition, resize: Resize = resize, seen: list[Any] = seen) -> None:
            result = house.resize(resize) if rival == "resize" else house.release(composition)
            seen.append((result.outcome, *world(house, composition)))

        late = house.resize(resize, driver=Watched(house.driver, Tripwire(at=at, act=overtake)))

        expected = NodeOutcome.RESIZED if rival == "resize" else NodeOutcome.RELEASED
        assert late.outcome == NodeOutcome.SUPERSEDED, moment
        assert seen == [(expected, *world(house, composition))], moment
        assert house.release(composition).outcome == NodeOutcome.RELEASED, moment


def world(house: House, composition: Composition) -> tuple[Any, ...]:
    rows = list(composition.steps.order_by("position").values())
    return house.owners(), house.world.settings(), house.states(), house.open_attachments(), rows


def test_a_worker_that_is_no_longer_current_makes_no_further_call_and_writes_nothing(
    quick_house: House, is_deep: bool
) -> None:
    house = quick_house
    dry, asked = in_use(house, "dry"), Tripwire()
    house.resize(wished(house, dry), is_current=lambda: asked("asked") is None)
    house.release(dry)
    for last in range(0, len(asked.moments), 1 if is_deep else 15):
        composition = in_use(house, f"r-{last}")
        late: list[Any] = []
        turn = Turn(after=last)

        def tell(moment: str, turn: Turn = turn, late: list[Any] = late) -> None:
            late += [moment] if turn.is_over else []

        def on_step(step: Any, turn: Turn = turn, late: list[Any] = late) -> None:
            late += [step.kind] if turn.is_over else []

        driver = Watched(house.driver, tell)
        result = house.resize(wished(house, composition), driver=driver, is_current=turn, on_step=on_step)

        assert (result.outcome, late) == (NodeOutcome.SUPERSEDED, []), last
        assert house.release(composition).outcome == NodeOutcome.RELEASED
