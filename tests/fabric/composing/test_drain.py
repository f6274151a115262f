"""Work on the devices has a grace to stop; what still runs then is forced, and the step says so."""

from datetime import timedelta

import pytest

from fabric.composing.run import NodeOutcome, NodeResult
from fabric.drivers.base import Permanent
from fabric.drivers.emulator import mischief
from fabric.models import Composition
from tests.fabric.composing.house import House
from tests.fabric.composing.watched import Killed, Tripwire, Watched

RELEASED = NodeResult(outcome=NodeOutcome.RELEASED)
GRACE = 300.0


@pytest.fixture
def busy(house: House) -> Composition:
    """A node with a process on gpu-1 that never ends by itself."""
    composition = house.open()
    house.compose(composition)
    mischief.occupy(path=house.world.path, block="gpu-1", now=house.world.now)
    return composition


def host_is_on(house: House) -> bool:
    return bool(next(host for host in house.world.truth()["hosts"] if host["code"] == "host-1")["is_on"])


def test_a_release_waits_until_nothing_runs(house: House) -> None:
    composition = house.open()
    house.compose(composition)
    mischief.occupy(path=house.world.path, block="gpu-1", now=house.world.now, seconds=60)
    begun = house.now

    result = house.release(composition, drain_seconds=GRACE)

    drain, revoke = composition.steps.get(kind="drain"), composition.steps.get(kind="revoke")
    assert (result, drain.state, drain.message) == (RELEASED, "done", "Nothing runs on it.")
    assert drain.finished_at - begun == timedelta(seconds=60)
    assert (drain.position + 1, [line["outcome"] for line in drain.lines]) == (revoke.position, ["done", "done"])


def test_what_still_runs_after_its_grace_is_forced_and_named(house: House, busy: Composition) -> None:
    begun = house.now

    result = house.release(busy, drain_seconds=GRACE)

    drain = busy.steps.get(kind="drain")
    assert (result, drain.message) == (RELEASED, "Still in use after 300 s, forced: gpu-1.")
    assert drain.finished_at - begun == timedelta(seconds=GRACE)
    assert [(line["block"], line["outcome"]) for line in drain.lines] == [("gpu-1", "not_done"), ("gpu-2", "done")]
    assert (house.owners(), house.states(), host_is_on(house)) == ({}, {}, True)


def test_without_a_grace_nothing_is_asked_and_work_is_forced_by_switching_the_host_off(
    house: House, busy: Composition
) -> None:
    told = Tripwire()

    result = house.release(busy, driver=Watched(house.driver, told))

    changes = [moment for moment in told.moments if moment in ("before in_use", "before decompose", "before power")]
    assert (result, changes) == (RELEASED, ["before decompose", "before power", "before decompose", "before power"])
    assert not busy.steps.filter(kind="drain").exists()


def test_a_fabric_that_cannot_switch_hosts_off_quarantines_what_does_not_let_go(
    house: House, busy: Composition
) -> None:
    class Powerless:
        def __getattr__(self, name: str) -> object:
            return getattr(house.driver, name)

        def power(self, *, host: str, on: bool) -> None:
            raise Permanent("This fabric switches nothing.")

    result = house.release(busy, driver=Powerless())

    assert (result.outcome, result.failed_blocks) == (NodeOutcome.QUARANTINED, ("gpu-1", "gpu-2"))
    assert set(house.owners()) == {"gpu-1", "gpu-2"}
    assert house.states() == {"gpu-1": "quarantined", "gpu-2": "quarantined", "host-1": "quarantined"}


def test_the_undo_of_a_failed_compose_does_not_drain(house: House) -> None:
    composition = house.open()

    def fail(moment: str) -> None:
        if moment == "after prove":
            house.world.detach("gpu-1")

    result = house.compose(composition, driver=Watched(house.driver, fail), drain_seconds=GRACE)

    assert (result.outcome, composition.steps.filter(kind="drain").exists()) == (NodeOutcome.UNDONE, False)


def test_the_grace_counts_from_the_first_intent_though_the_worker_dies(house: House, busy: Composition) -> None:
    begun = house.now
    looks = Tripwire()

    def die(moment: str) -> None:
        looks(moment)
        if looks.moments.count("before in_use") == 5:
            raise Killed

    with pytest.raises(Killed):
        house.release(busy, driver=Watched(house.driver, die), drain_seconds=GRACE)
    house.wait(200)
    result = house.release(busy, drain_seconds=GRACE)

    drain = busy.steps.get(kind="drain")
    assert (result, drain.finished_at - begun) == (RELEASED, timedelta(seconds=GRACE))


def test_a_drain_that_a_worker_left_open_is_closed_by_a_release_without_a_grace(
    house: House, busy: Composition
) -> None:
    with pytest.raises(Killed):
        house.release(busy, driver=Watched(house.driver, Tripwire(at=0)), drain_seconds=GRACE)

    assert house.release(busy) == RELEASED
    assert busy.steps.get(kind="drain").state == "done"


def test_a_host_that_was_left_off_is_started_by_the_next_node_on_it(house: House) -> None:
    house.driver.power(host="host-1", on=False)

    assert house.compose(house.open()).outcome == NodeOutcome.COMPOSED
    assert host_is_on(house)
