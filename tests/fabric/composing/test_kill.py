"""A worker dies, or is overtaken, at every single moment of its work: around each read, intent, call, report and wait.

The witness is the emulator's own file.
"""

from collections.abc import Callable
from typing import Any

import pytest

from fabric.composing.run import NodeOutcome, NodeResult
from fabric.drivers.emulator.faults import FaultKind
from fabric.models import Composition
from tests.fabric.composing.house import House
from tests.fabric.composing.watched import Killed, Tripwire, Watched

Run = Callable[..., NodeResult]


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


def moments_of(house: House, run: Run, composition: Composition) -> int:
    """How many moments an undisturbed run has. Its blocks and host are not those of the runs that are killed."""
    tripwire = Tripwire()
    run(composition, **arguments(house, tripwire))
    return len(tripwire.moments)


def kill(house: House, run: Run, composition: Composition, at: int) -> str:
    with pytest.raises(Killed) as death:
        run(composition, **arguments(house, Tripwire(at=at)))
    return str(death.value)


def attached_to(house: House, composition: Composition) -> list[str]:
    return sorted(block for block, tag in house.owners().items() if tag == composition.tag)


def composes_accepted(house: House, composition: Composition) -> int:
    operations = house.world.truth()["operations"]
    return sum(op["kind"] == "compose" and op["tag"] == composition.tag for op in operations)


def test_a_compose_killed_at_any_moment_is_composed_exactly_once(house: House) -> None:
    total = moments_of(house, house.compose, house.open(owner="dry", host="host-2", blocks=("gpu-3", "gpu-4")))
    for at in range(total):
        composition = house.open(owner=f"r-{at}")
        moment = kill(house, house.compose, composition, at)

        result = house.compose(composition)

        assert result == NodeResult(outcome=NodeOutcome.COMPOSED), moment
        assert (attached_to(house, composition), composes_accepted(house, composition)) == (["gpu-1", "gpu-2"], 1), (
            moment
        )
        assert house.open_attachments() == ["gpu-1", "gpu-2", "gpu-3", "gpu-4"], moment
        assert house.release(composition).outcome == NodeOutcome.RELEASED, moment
    assert total > 30


def test_a_compose_killed_at_any_moment_can_be_released(house: House) -> None:
    total = moments_of(house, house.compose, house.open(owner="dry", host="host-2", blocks=("gpu-3", "gpu-4")))
    dry = dict(house.owners())
    for at in range(total):
        composition = house.open(owner=f"r-{at}")
        moment = kill(house, house.compose, composition, at)

        result = house.release(composition)

        assert result == NodeResult(outcome=NodeOutcome.RELEASED), moment
        assert (house.owners(), house.open_attachments()) == (dry, ["gpu-3", "gpu-4"]), moment
        assert house.states() == {"gpu-3": "attached", "gpu-4": "attached", "host-2": "attached"}, moment


def test_a_release_killed_at_any_moment_is_finished_by_the_next(house: House) -> None:
    dry = house.open(owner="dry", host="host-2", blocks=("gpu-3", "gpu-4"))
    house.compose(dry)
    total = moments_of(house, house.release, dry)
    for at in range(total):
        composition = house.open(owner=f"r-{at}")
        house.compose(composition)
        moment = kill(house, house.release, composition, at)

        result = house.release(composition)

        assert result == NodeResult(outcome=NodeOutcome.RELEASED), moment
        assert (house.owners(), house.states(), house.open_attachments()) == ({}, {}, []), moment
    assert total > 20


def test_an_undo_killed_at_any_moment_is_finished_by_the_next(house: House) -> None:
    house.world.fault(FaultKind.BIND_FAILURE, blocks=["gpu-2", "gpu-4"])
    total = moments_of(house, house.compose, house.open(owner="dry", host="host-2", blocks=("gpu-3", "gpu-4")))
    for at in range(total):
        composition = house.open(owner=f"r-{at}")
        moment = kill(house, house.compose, composition, at)

        result = house.compose(composition)

        assert (result.outcome, result.failed_blocks) == (NodeOutcome.UNDONE, ("gpu-2",)), moment
        assert (house.owners(), house.states(), house.open_attachments()) == ({}, {}, []), moment


@pytest.mark.parametrize("rival", ["compose", "release"])
def test_a_worker_overtaken_during_any_call_changes_nothing_afterwards(house: House, rival: str) -> None:
    """It hangs before or after a call of the driver while the rival does all the work, and then goes on."""
    tripwire = Tripwire()
    house.compose(
        house.open(owner="dry", host="host-2", blocks=("gpu-3", "gpu-4")), driver=Watched(house.driver, tripwire)
    )
    for at, moment in enumerate(tripwire.moments):
        composition = house.open(owner=f"r-{at}")
        seen: list[Any] = []

        def overtake(composition: Composition = composition, seen: list[Any] = seen) -> None:
            result = getattr(house, rival)(composition)
            seen.append((result.outcome, house.owners(), house.states(), house.open_attachments(), rows(composition)))

        late = house.compose(composition, driver=Watched(house.driver, Tripwire(at=at, act=overtake)))

        now = (house.owners(), house.states(), house.open_attachments(), rows(composition))
        assert late.outcome == NodeOutcome.SUPERSEDED, moment
        assert seen == [(NodeOutcome.COMPOSED if rival == "compose" else NodeOutcome.RELEASED, *now)], moment
        assert house.release(composition).outcome == NodeOutcome.RELEASED, moment


def rows(composition: Composition) -> list[Any]:
    return [*composition.steps.order_by("position").values(), *Composition.objects.filter(pk=composition.pk).values()]
