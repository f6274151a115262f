"""What comes back by itself, what does not, and what is done about hosts."""

from dataclasses import replace
from typing import Any

import pytest

from fabric.composing.differences import Recorded
from fabric.composing.repairs import (
    BROKEN,
    EXTERNAL,
    GONE,
    ILL,
    NODE_LEFT,
    ORPHANED,
    OTHER_HARDWARE,
    STUCK,
    USED,
    Act,
    Do,
    RecordedHost,
    decide,
    returns_of_itself,
)  # fmt: skip
from fabric.drivers.base import Machine, SeenHost
from fabric.states import BlockState, DriftKind
from tests.fabric.composing.scenes import (
    ATTACHED,
    DEAD,
    FREE,
    LIVE,
    MISSING,
    NOW,
    QUARANTINED,
    SECOND,
    THEIRS,
    done,
    row,
    scene,
    seen,
    stands,
)  # fmt: skip


@pytest.mark.parametrize(
    ("state", "reason"),
    [(MISSING, GONE), (QUARANTINED, EXTERNAL), (QUARANTINED, ORPHANED), (QUARANTINED, ILL), (QUARANTINED, STUCK),
     (QUARANTINED, USED), (QUARANTINED, "Still attached to host-1.")],
)  # fmt: skip
def test_a_block_that_is_back_is_inspected_and_cleaned(state: BlockState, reason: str) -> None:
    back = row(state, reason=reason, settled_at=NOW - 20 * SECOND)

    assert decide(scene(back, seen(is_clean=False))) == (Act(Do.CLEAN, "b", reason, blocks=("b",)),)
    assert returns_of_itself(reason)


@pytest.mark.parametrize(
    ("back", "more"),
    [
        (row(MISSING, reason=GONE, settled_at=NOW - 19 * SECOND), {}),
        (row(MISSING, reason=GONE), {"stood": frozenset({"b"})}),
        (row(MISSING, reason="gone from the pool file"), {}),
        (row(QUARANTINED, reason="Not proven clean."), {}),
        (row(QUARANTINED, reason=OTHER_HARDWARE), {}),
        (row(QUARANTINED, reason=BROKEN), {}),
        (row(QUARANTINED, LIVE, reason=ILL), {}),
        (row(QUARANTINED, reason=ILL, is_moving=True), {}),
        (row(MISSING, reason=GONE), {"busy": frozenset({"b"})}),
        (row(MISSING, reason=GONE), {"is_paused": True}),
        (row(MISSING, reason=GONE), {"is_complete": False}),
    ],
    ids=["one-listing", "just-now", "by-file", "unproven", "other", "broken", "attached", "moving", "busy", "paused",
         "partial"],
)  # fmt: skip
def test_a_block_is_not_cleaned_while(back: Recorded, more: dict[str, Any]) -> None:
    assert done(scene(back, seen(), **more)) == []


@pytest.mark.parametrize("kind", list(DriftKind))
def test_a_block_with_anything_the_matter_does_not_return(kind: DriftKind) -> None:
    back = row(QUARANTINED, reason=ILL)

    assert Do.CLEAN not in done(scene(back, seen(serial="X"), stands(kind, times=1, seconds=0, tag=DEAD)))


@pytest.mark.parametrize(("tag", "reason"), [(DEAD, ORPHANED), (THEIRS, EXTERNAL)])
def test_a_host_with_a_strange_machine_on_it_is_not_offered(tag: str, reason: str) -> None:
    machines = (Machine(tag, "h", frozenset(), ""),)
    free = RecordedHost("h", FREE)

    found = decide(scene(None, None, hosts=(free,), machines=machines))

    assert found == (Act(Do.QUARANTINE_HOST, "h", reason),)
    assert done(scene(None, None, hosts=(replace(free, is_moving=True),), machines=machines)) == []
    assert done(scene(None, None, hosts=(free,), machines=(Machine(LIVE, "h", frozenset(), ""),))) == []


def test_a_host_with_devices_under_no_name_is_not_offered() -> None:
    """Where a fabric has no names, what somebody else attached has none."""
    nameless = replace(seen(), host="h")
    free = RecordedHost("h", FREE)
    taken = row(QUARANTINED, reason=EXTERNAL, settled_at=NOW)

    assert decide(scene(taken, nameless, hosts=(free,))) == (Act(Do.QUARANTINE_HOST, "h", EXTERNAL),)
    assert done(scene(taken, nameless, hosts=(RecordedHost("h", QUARANTINED, EXTERNAL),))) == []
    assert done(scene(replace(taken, home="h"), nameless, hosts=(free,))) == []


@pytest.mark.parametrize("reason", [ORPHANED, EXTERNAL, NODE_LEFT, STUCK])
def test_a_host_is_offered_again_when_no_machine_is_on_it(reason: str) -> None:
    host = RecordedHost("h", QUARANTINED, reason)

    assert decide(scene(None, None, hosts=(host,))) == (Act(Do.FREE_HOST, "h"),)
    assert done(scene(None, None, hosts=(host,), is_complete=False)) == []
    assert done(scene(None, None, hosts=(host,), machines=(Machine(THEIRS, "h", frozenset(), ""),))) == []
    assert done(scene(None, None, hosts=(replace(host, reason="An operator ended it."),))) == []


def test_a_host_left_in_the_middle_is_looked_at_again() -> None:
    host = RecordedHost("h", BlockState.DETACHING)

    assert decide(scene(None, None, hosts=(host,))) == (Act(Do.QUARANTINE_HOST, "h", STUCK),)
    assert done(scene(None, None, hosts=(replace(host, is_moving=True),))) == []


BOOTED = (SeenHost("h", is_on=True, boot_id="boot-2"),)
RUNNING = RecordedHost("h", ATTACHED, tag=LIVE, boot_id="boot-1")


def test_a_host_that_booted_under_its_holder_is_told() -> None:
    machines = (Machine(LIVE, "h", frozenset(), ""),)

    found = decide(scene(None, None, hosts=(RUNNING,), machines=machines, booted=BOOTED))

    assert found == (Act(Do.REBOOTED, "h", tag=LIVE, boot_id="boot-2"),)


@pytest.mark.parametrize(
    "host",
    [replace(RUNNING, boot_id=""), replace(RUNNING, is_moving=True), RecordedHost("h", FREE, boot_id="boot-1")],
    ids=["first-known", "being-changed", "nobody-on-it"],
)
def test_any_other_boot_is_only_noted(host: RecordedHost) -> None:
    assert decide(scene(None, None, hosts=(host,), booted=BOOTED)) == (
        Act(Do.NOTE_BOOT, "h", tag=host.tag or "", boot_id="boot-2"),
    )


def test_a_boot_that_is_known_or_not_told_needs_nothing() -> None:
    assert done(scene(None, None, hosts=(replace(RUNNING, boot_id="boot-2"),), booted=BOOTED)) == []
    assert done(scene(None, None, hosts=(RUNNING,), booted=(SeenHost("h"),))) == []
