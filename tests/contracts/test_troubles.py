"""Whatever goes wrong, one after the other: every driver keeps its books true, and a naive one is found out."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fabric.drivers.base import DriverError
from fabric.drivers.emulator.faults import FaultKind
from tests.contracts.counted_world import CountedWorld
from tests.contracts.expanded_world import ExpandedWorld
from tests.contracts.lives import Life, changed, check, live
from tests.contracts.naive import NaiveDriver
from tests.contracts.redfish_world import RedfishWorld
from tests.contracts.troubles import OF_COUNTED, OF_EVERY_FABRIC, OF_REDFISH, Trouble, fault, in_place_of
from tests.contracts.worlds import EmulatorWorld, World

QUICK: dict[str, Any] = {"read_seconds": 0.5, "submit_seconds": 0.5, "settle_seconds": 30.0}
EVERYTHING = {**OF_EVERY_FABRIC, **OF_REDFISH}
COUNTED = {**OF_EVERY_FABRIC, **OF_COUNTED}
WHOLE = frozenset({"gpu-1", "gpu-2", "gpu-3"})
ENDS_OTHERWISE: Mapping[str, frozenset[str]] = {
    "a block fails on attach": WHOLE - {"gpu-2"},
    "a block vanishes as it is attached": WHOLE - {"gpu-2"},
    "stolen midway": WHOLE - {"gpu-2"},
    "half applied": frozenset({"gpu-1"}),
    "foreign owner": frozenset(),
    "stuck": frozenset(),
    "two systems of one name": frozenset(),
    "a block of two systems": frozenset(),
    "a second writer changes the count": WHOLE - {"gpu-3"},
    "a second writer while the reply is lost": WHOLE - {"gpu-3"},
}
"""Which of the three blocks are ours when the compose has ended; all of them, where a trouble is not named here."""

FREEZES = ("two systems of one name", "a block of two systems")
"""Where the fabric contradicts itself: nothing is repaired, an operator is told."""

CHANGED = {
    **{
        name: OF_EVERY_FABRIC[name]
        for name in ("no trouble", "reply lost before commit", "every other reply lost", "busy")
    },
    "an addition fails": fault(FaultKind.BIND_FAILURE),
    "a removal fails": fault(FaultKind.UNBIND_FAILURE, operation="resize"),
    "stuck": fault(FaultKind.STUCK, operation="resize", times=1),
}
CHANGED_BY_REDFISH = {
    **CHANGED,
    **{name: OF_REDFISH[name] for name in ("garbage", "200 with an error inside", "ETag race", "task lost")},
}
CHANGED_BY_COUNTS = {
    **CHANGED,
    **{name: trouble for name, trouble in OF_COUNTED.items() if "writer" in name or "job" in name},
    **{name: OF_COUNTED[name] for name in ("garbage", "200 with an error inside")},
}
UNCHANGED = (
    *("an addition fails", "a removal fails", "stuck"),
    *("a second writer changes the count", "a second writer while the reply is lost"),
)
"""Of a node that is changed while it is in use: after which of the troubles it is as it was, or has one too many."""

OF_EXPANDING = (
    *("no trouble", "reply lost before commit", "reply lost after commit", "every other reply lost"),
    *("stuck", "a block fails on attach", "foreign owner", "stolen midway"),
    *("garbage", "done, and silent", "ETag race", "task lost", "half applied", "restarted midway"),
)
"""Those that a service without names meets otherwise than one that makes systems; the rest is the same driver's."""

CATCHES = (
    "reply lost after commit",  # it composes again, is refused, and forgets the node
    "a block fails on attach",  # it believes the status code
    "garbage",
    "200 with an error inside",
    "ETag race",  # it gives up a node that it should release
    "task lost",
    "a listing in pages",  # it reads the first, and does not find its own node
    "state of blocks not kept",  # it asks the blocks alone
    "half applied",
)
"""What a naive driver does not live through."""


def lived(world: World, trouble: Trouble) -> Life:
    trouble.before(world)
    life = live(world, midway=trouble.midway)
    check(world, life)
    return life


def expected(name: str) -> frozenset[str]:
    return ENDS_OTHERWISE.get(name, WHOLE)


@pytest.mark.parametrize("name", OF_EVERY_FABRIC)
def test_the_emulator_leaves_nothing_behind(name: str, tmp_path: Path) -> None:
    life = lived(EmulatorWorld(tmp_path), OF_EVERY_FABRIC[name])

    assert len(life.bound) == 2 if name == "one drawn block fails" else life.bound == expected(name)


@pytest.mark.parametrize("name", COUNTED)
def test_counts_leave_nothing_behind(name: str, tmp_path: Path) -> None:
    with closing(CountedWorld(tmp_path, **QUICK)) as world:
        wanted = in_place_of(world, expected(name))
        life = lived(world, COUNTED[name])

    assert not life.is_frozen
    assert len(life.bound) == 2 if name == "one drawn block fails" else life.bound == wanted


@pytest.mark.parametrize("name", EVERYTHING)
def test_redfish_leaves_nothing_behind(name: str, tmp_path: Path) -> None:
    with closing(RedfishWorld(tmp_path, **QUICK)) as world:
        life = lived(world, EVERYTHING[name])

    assert life.is_frozen == (name in FREEZES)
    assert len(life.bound) == 2 if name == "one drawn block fails" else life.bound == expected(name)


@pytest.mark.parametrize("name", OF_EXPANDING)
def test_hosts_that_expand_are_left_as_they_were(name: str, tmp_path: Path) -> None:
    with closing(ExpandedWorld(tmp_path, **QUICK)) as world:
        life = lived(world, EVERYTHING[name])

    assert not life.is_frozen
    assert len(life.bound) == 2 if name == "one drawn block fails" else life.bound == expected(name)


@pytest.mark.parametrize("name", CHANGED)
def test_the_emulator_changes_a_node_once_or_not_at_all(name: str, tmp_path: Path) -> None:
    assert changed(EmulatorWorld(tmp_path), CHANGED[name].before) == (name not in UNCHANGED)


@pytest.mark.parametrize("name", CHANGED_BY_REDFISH)
def test_redfish_changes_a_node_once_or_not_at_all(name: str, tmp_path: Path) -> None:
    with closing(RedfishWorld(tmp_path, **QUICK)) as world:
        assert changed(world, CHANGED_BY_REDFISH[name].before) == (name not in UNCHANGED)


@pytest.mark.parametrize("name", CHANGED_BY_COUNTS)
def test_counts_change_a_node_once_or_not_at_all(name: str, tmp_path: Path) -> None:
    with closing(CountedWorld(tmp_path, **QUICK)) as world:
        assert changed(world, CHANGED_BY_COUNTS[name].before) == (name not in UNCHANGED)


@pytest.mark.parametrize("name", ["no trouble", *CATCHES])
def test_a_naive_driver_is_found_out(name: str, tmp_path: Path) -> None:
    with closing(RedfishWorld(tmp_path)) as world:
        manners = world.face.manners
        with closing(NaiveDriver(endpoint=world.url, user=manners.user, password=manners.password)) as naive:
            world.driver = naive
            found = _what_is_found(world, name)

    assert found != "" if name in CATCHES else found == ""


def _what_is_found(world: World, name: str) -> str:
    """What the suite has to say of it; "" if it is content."""
    try:
        assert lived(world, EVERYTHING[name]).bound == expected(name), "the node is not what it should be"
    except (AssertionError, DriverError) as found:
        return str(found) or type(found).__name__
    return ""
