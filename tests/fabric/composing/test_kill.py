"""A worker dies, or is overtaken, at a moment of its work: around a read, an intent, a call, a report, a wait.

Each moment around the call that changes the fabric and every tenth other one; `--deep` takes every single one, and lets
the fabric take its time. The witness is the emulator's own file.
"""

from collections.abc import Callable
from typing import Any

import pytest

from fabric.composing.run import NodeOutcome, NodeResult
from fabric.drivers.base import CardSetting
from fabric.drivers.emulator.faults import FaultKind
from fabric.drivers.emulator.seed import set_latency_scale
from fabric.models import Composition
from tests.contracts.worlds import make_small
from tests.fabric.composing.house import House
from tests.fabric.composing.watched import Killed, Tripwire, Watched

Run = Callable[..., NodeResult]
MUTATIONS = ("before configure", "before compose", "before decompose", "before clean")
AROUND = range(-2, 3)  # from before the call to after the outcome is written
STRIDE = 50
STEADY = {"p50": 3.0, "p95": 3.0}
CUT, CAPPED = CardSetting(layout={"1g.10gb": 7}), CardSetting(power_cap_w=250)
DRY_WISH = {"gpu-3": CUT, "gpu-4": CAPPED}
WISH = {"gpu-1": CUT, "gpu-2": CAPPED}


@pytest.fixture
def quick_house(house: House, is_deep: bool) -> House:
    """Instant, so that there is little to wait for; deep, every act takes 3 s: the same number of moments each time."""
    if is_deep:
        make_small(
            house.world.path, bind_seconds=STEADY, unbind_seconds=STEADY, clean_seconds=STEADY, configure_seconds=STEADY
        )
    else:
        set_latency_scale(path=house.world.path, scale=0)
    return house


def arguments(house: House, tripwire: Tripwire) -> dict[str, Any]:
    """Everything the executor does outside its own lines passes the tripwire."""

    def is_current() -> bool:
        tripwire("before a call or write")
        return True

    def on_step(step: Any) -> None:
        tripwire(f"inside the transaction of {step.kind} {step.state}")

    def wait(seconds: float) -> None:
        tripwire("before a wait")
        house.wait(seconds)

    return {"driver": Watched(house.driver, tripwire), "is_current": is_current, "on_step": on_step, "wait": wait}


def moments_of(run: Run, house: House, composition: Composition, is_deep: bool) -> list[int]:
    """Where to kill, from an undisturbed run; its blocks and host are not those of the runs that are killed."""
    tripwire = Tripwire()
    run(composition, **arguments(house, tripwire))
    return chosen(tripwire.moments, is_deep)


def chosen(moments: list[str], is_deep: bool) -> list[int]:
    if is_deep:
        return list(range(len(moments)))
    calls = [at for at, moment in enumerate(moments) if moment in MUTATIONS]
    near = {at + offset for at in calls for offset in AROUND}
    return sorted((near | set(range(0, len(moments), STRIDE))) & set(range(len(moments))))


def dry_run(house: House, *, is_set: bool = True) -> Composition:
    return house.open(owner="dry", host="host-2", blocks=("gpu-3", "gpu-4"), settings=DRY_WISH if is_set else None)


def kill(house: House, run: Run, composition: Composition, at: int) -> str:
    with pytest.raises(Killed) as death:
        run(composition, **arguments(house, Tripwire(at=at)))
    return str(death.value)


def attached_to(house: House, composition: Composition) -> list[str]:
    return sorted(block for block, tag in house.owners().items() if tag == composition.tag)


def accepted(house: House, composition: Composition) -> list[str]:
    """What the fabric was made to do for this node."""
    return sorted(op["kind"] for op in house.world.truth()["operations"] if op["tag"] == composition.tag)


@pytest.mark.parametrize("is_set", [False, True])
def test_a_compose_killed_at_any_moment_is_composed_exactly_once(
    quick_house: House, is_set: bool, is_deep: bool
) -> None:
    house, wish = quick_house, WISH if is_set else {}
    moments = moments_of(house.compose, house, dry_run(house, is_set=is_set), is_deep)
    dry = dict(house.world.settings())
    for at in moments:
        composition = house.open(owner=f"r-{at}", settings=wish)
        moment = kill(house, house.compose, composition, at)

        result = house.compose(composition)

        assert result == NodeResult(outcome=NodeOutcome.COMPOSED), moment
        assert attached_to(house, composition) == ["gpu-1", "gpu-2"], moment
        assert accepted(house, composition) == (["compose", "configure"] if is_set else ["compose"]), moment
        assert house.world.settings() == {**dry, **wish}, moment
        assert house.open_attachments() == ["gpu-1", "gpu-2", "gpu-3", "gpu-4"], moment
        assert house.release(composition).outcome == NodeOutcome.RELEASED, moment
    assert len(moments) > 5


@pytest.mark.parametrize("is_set", [False, True])
def test_a_compose_killed_at_any_moment_can_be_released(quick_house: House, is_set: bool, is_deep: bool) -> None:
    house = quick_house
    moments = moments_of(house.compose, house, dry_run(house, is_set=is_set), is_deep)
    dry = (dict(house.owners()), dict(house.world.settings()))
    for at in moments:
        composition = house.open(owner=f"r-{at}", settings=WISH if is_set else None)
        moment = kill(house, house.compose, composition, at)

        result = house.release(composition)

        assert result == NodeResult(outcome=NodeOutcome.RELEASED), moment
        assert ((house.owners(), house.world.settings()), house.open_attachments()) == (dry, ["gpu-3", "gpu-4"]), moment
        assert house.states() == {"gpu-3": "attached", "gpu-4": "attached", "host-2": "attached"}, moment


def test_a_release_killed_at_any_moment_is_finished_by_the_next(quick_house: House, is_deep: bool) -> None:
    house = quick_house
    dry = dry_run(house)
    house.compose(dry)
    moments = moments_of(house.release, house, dry, is_deep)
    for at in moments:
        composition = house.open(owner=f"r-{at}", settings=WISH)
        house.compose(composition)
        moment = kill(house, house.release, composition, at)

        result = house.release(composition)

        assert result == NodeResult(outcome=NodeOutcome.RELEASED), moment
        assert (house.owners(), house.states(), house.open_attachments()) == ({}, {}, []), moment
        assert house.world.settings() == {}, moment
    assert len(moments) > 9


def test_an_undo_killed_at_any_moment_is_finished_by_the_next(quick_house: House, is_deep: bool) -> None:
    house = quick_house
    house.world.fault(FaultKind.BIND_FAILURE, blocks=["gpu-2", "gpu-4"])
    moments = moments_of(house.compose, house, dry_run(house), is_deep)
    for at in moments:
        composition = house.open(owner=f"r-{at}", settings=WISH)
        moment = kill(house, house.compose, composition, at)

        result = house.compose(composition)

        assert (result.outcome, result.failed_blocks) == (NodeOutcome.UNDONE, ("gpu-2",)), moment
        assert (house.owners(), house.states(), house.open_attachments()) == ({}, {}, []), moment
        assert house.world.settings() == {}, moment


@pytest.mark.parametrize("rival", ["compose", "release"])
def test_a_worker_overtaken_during_any_call_changes_nothing_afterwards(
    quick_house: House, rival: str, is_deep: bool
) -> None:
    """It hangs before or after a call of the driver while the rival does all the work, and then goes on."""
    house = quick_house
    tripwire = Tripwire()
    house.compose(dry_run(house), driver=Watched(house.driver, tripwire))
    for at, moment in list(enumerate(tripwire.moments))[:: 1 if is_deep else 7]:
        composition = house.open(owner=f"r-{at}", settings=WISH)
        seen: list[Any] = []

        def overtake(composition: Composition = composition, seen: list[Any] = seen) -> None:
            result = getattr(house, rival)(composition)
            seen.append((result.outcome, *world(house), rows(composition)))

        late = house.compose(composition, driver=Watched(house.driver, Tripwire(at=at, act=overtake)))

        now = (*world(house), rows(composition))
        assert late.outcome == NodeOutcome.SUPERSEDED, moment
        assert seen == [(NodeOutcome.COMPOSED if rival == "compose" else NodeOutcome.RELEASED, *now)], moment
        assert house.release(composition).outcome == NodeOutcome.RELEASED, moment


def world(house: House) -> tuple[Any, ...]:
    return house.owners(), house.world.settings(), house.states(), house.open_attachments()


def rows(composition: Composition) -> list[Any]:
    return [*composition.steps.order_by("position").values(), *Composition.objects.filter(pk=composition.pk).values()]


def test_a_worker_that_is_no_longer_current_makes_no_further_call_and_writes_nothing(quick_house: House) -> None:
    """The fence is asked right before each call and inside each write: it may turn at any of them."""
    house = quick_house
    asked = Tripwire()
    house.compose(dry_run(house), is_current=lambda: asked("asked") is None)
    assert len(asked.moments) > 10
    for last in range(len(asked.moments)):
        composition = house.open(owner=f"r-{last}", settings=WISH)
        late: list[Any] = []
        turn = Turn(after=last)

        def tell(moment: str, turn: Turn = turn, late: list[Any] = late) -> None:
            late += [moment] if turn.is_over else []

        def on_step(step: Any, turn: Turn = turn, late: list[Any] = late) -> None:
            late += [step.kind] if turn.is_over else []

        result = house.compose(composition, driver=Watched(house.driver, tell), is_current=turn, on_step=on_step)

        assert (result.outcome, late) == (NodeOutcome.SUPERSEDED, []), last
        assert house.release(composition).outcome == NodeOutcome.RELEASED


class Turn:
    """Current for so many questions, then no more."""

    def __init__(self, *, after: int) -> None:
        self.is_over = False
        self._left = after

    def __call__(self) -> bool:
        self.is_over = self._left == 0
        self._left = max(self._left - 1, 0)
        return not self.is_over
