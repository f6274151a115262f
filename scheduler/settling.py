"""What follows from how an operation ended: the next try, the way on, or the way out. Pure.

The rule as a table. Whoever carries a verdict out (the service, under the pool's lock; the simulation, in memory) makes
no choice of its own but one: of several ways it takes the first that can be gone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from fabric.composing.results import NodeOutcome
from scheduler import limits
from scheduler.requests import OnFailure
from scheduler.states import OperationKind, OperationState, ReservationState

RETRY_SECONDS = (1, 2, 3, 5, 8, 10)  # the last one repeats


class Way(StrEnum):
    """What is done with the reservation."""

    ACTIVATE = "activate"  # every node is proven
    COMPOSE_AGAIN = "compose_again"  # the same node under a new name
    SWAP = "swap"  # failed devices set aside, equal free ones in their place, a new name
    DEGRADE = "degrade"  # failed devices set aside, the node goes on without them, a new name
    FAIL = "fail"  # everything is released, and the reason told with the next time that fits
    FINISH = "finish"  # a releasing one ends with its last node
    CARRY_ON = "carry_on"  # a change of mix goes on, or back
    FOLLOW = "follow"  # plan and units follow what the node has now
    HURRY_RELEASE = "hurry_release"  # the overtaken worker has stopped: its node can be released at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a verdict may turn on, read under the pool's lock."""

    state: ReservationState
    on_failure: OnFailure = OnFailure.ALL
    attempt: int = 1  # of this operation
    is_late: bool = False  # its deadline is over
    is_closed: bool = False  # the node's composition is proven gone
    is_last: bool = False  # every other node of the reservation is proven
    generation: int = 1  # of the node: each new name is one more
    blocks: int = 0  # of the node
    failed: int = 0  # of them, those the result blames
    swaps: int = 0  # devices of this reservation that were replaced while it was composed


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`operation` None leaves its row alone. `ways`: the first that can be gone; none where nothing follows."""

    operation: OperationState | None
    ways: tuple[Way, ...] = ()
    pause_seconds: int = 0  # before a queued one is due again
    tells_wait: bool = False  # the owner is told once that it waits, and for what
    sets_aside: bool = False  # blamed devices are quarantined, whichever way is gone
    tells_quarantine: bool = False  # something was quarantined by the executor


@dataclass(frozen=True, slots=True)
class Rule:
    kinds: frozenset[OperationKind]
    outcomes: frozenset[NodeOutcome]
    holds: Callable[[Facts], bool]
    gives: Callable[[Facts], Verdict]


def verdict(*, kind: OperationKind, outcome: NodeOutcome, facts: Facts) -> Verdict:
    """The first rule that holds. Raises LookupError for an outcome that an operation of this kind cannot have."""
    for rule in RULES:
        if kind in rule.kinds and outcome in rule.outcomes and rule.holds(facts):
            return rule.gives(facts)
    raise LookupError(f"a {kind} does not end as {outcome}")


def pause_seconds(attempt: int) -> int:
    return RETRY_SECONDS[min(attempt, len(RETRY_SECONDS)) - 1]


def _always(facts: Facts) -> bool:
    return True


def _in_time(facts: Facts) -> bool:
    return not facts.is_late


def _closed(facts: Facts) -> bool:
    return facts.is_closed


def _active(facts: Facts) -> bool:
    """Its mix is being changed: a node comes, or goes, beside those in use."""
    return facts.state == ReservationState.ACTIVE


def _late_and_active(facts: Facts) -> bool:
    return facts.is_late and _active(facts)


def _not_composing(facts: Facts) -> bool:
    """Somebody asked for its end meanwhile: nothing is tried again."""
    return facts.state != ReservationState.COMPOSING


def _not_active(facts: Facts) -> bool:
    return facts.state != ReservationState.ACTIVE


def _all_proven(facts: Facts) -> bool:
    return facts.is_last


def _late_and_composing(facts: Facts) -> bool:
    return facts.is_late and not _not_composing(facts)


def _again(facts: Facts) -> Verdict:
    return Verdict(operation=OperationState.QUEUED, pause_seconds=pause_seconds(facts.attempt))


def _waiting(facts: Facts) -> Verdict:
    return Verdict(operation=OperationState.QUEUED, pause_seconds=pause_seconds(facts.attempt), tells_wait=True)


def _is(operation: OperationState | None, *ways: Way, **more: bool) -> Callable[[Facts], Verdict]:
    given = Verdict(operation=operation, ways=ways, **more)
    return lambda facts: given


def _taken_back(facts: Facts) -> Verdict:
    """Every block is proven free.

    Where some of the node's devices are to blame and not all, they are replaced at once: the others have shown that
    fabric and host work. Where all are, or none is named, it may be the fabric's own fault: the same node is tried
    again first. Who would rather begin with less does not wait for the same device to be tried again.
    """
    ways: list[Way] = []
    may_retry = facts.is_closed and facts.generation < limits.COMPOSE_ATTEMPTS_MAX and not facts.is_late
    is_part = 0 < facts.failed < facts.blocks
    if _may_swap(facts) and (is_part or not may_retry):
        ways.append(Way.SWAP)
    if _may_degrade(facts):
        ways.append(Way.DEGRADE)
    if may_retry:
        ways.append(Way.COMPOSE_AGAIN)
    is_last_try = not may_retry
    return Verdict(operation=OperationState.FAILED, ways=(*ways, Way.FAIL), sets_aside=is_last_try)


def _did_not_come(facts: Facts) -> Verdict:
    """As in a first wiring, but that it is all or nothing: the reservation goes on without the node."""
    given = _taken_back(facts)
    ways = tuple(way for way in given.ways if way not in (Way.DEGRADE, Way.FAIL))
    return replace(given, ways=(*ways, Way.CARRY_ON))


def _came_to_quarantine(facts: Facts) -> Verdict:
    ways = (Way.SWAP, Way.CARRY_ON) if _may_swap(facts) else (Way.CARRY_ON,)
    return Verdict(operation=OperationState.FAILED, ways=ways, tells_quarantine=True)


def _quarantined(facts: Facts) -> Verdict:
    """What is quarantined already is not tried again: another device, less, or nothing."""
    ways: list[Way] = []
    if _may_swap(facts):
        ways.append(Way.SWAP)
    if _may_degrade(facts):
        ways.append(Way.DEGRADE)
    return Verdict(operation=OperationState.FAILED, ways=(*ways, Way.FAIL), tells_quarantine=True)


def _may_swap(facts: Facts) -> bool:
    return facts.is_closed and not facts.is_late and 0 < facts.failed <= limits.SWAPS_MAX - facts.swaps


def _may_degrade(facts: Facts) -> bool:
    """Late is better than never for who would rather begin with less."""
    return facts.is_closed and facts.on_failure == OnFailure.DEGRADE and 0 < facts.failed < facts.blocks


_COMPOSE = frozenset({OperationKind.COMPOSE})
_RELEASE = frozenset({OperationKind.RELEASE})
_RESIZE = frozenset({OperationKind.RESIZE})
_O, _S = NodeOutcome, OperationState

# Composing, then releasing, which never gives up, then changing a node in use, which stays as it was or is as asked.
# A node that is composed or released while the others are in use is part of a change of mix.
RULES: tuple[Rule, ...] = (
    Rule(frozenset(OperationKind), frozenset({_O.SUPERSEDED}), _always, _is(None, Way.HURRY_RELEASE)),
    Rule(_COMPOSE, frozenset({_O.COMPOSED}), _active, _is(_S.DONE, Way.CARRY_ON)),
    Rule(_COMPOSE, frozenset({_O.COMPOSED}), _not_composing, _is(_S.DONE)),
    Rule(_COMPOSE, frozenset({_O.COMPOSED}), _all_proven, _is(_S.DONE, Way.ACTIVATE)),
    Rule(_COMPOSE, frozenset({_O.COMPOSED}), _always, _is(_S.DONE)),
    Rule(_COMPOSE, frozenset({_O.NOT_READY}), _in_time, _waiting),
    Rule(_COMPOSE, frozenset({_O.UNKNOWN}), _late_and_composing, _is(_S.FAILED, Way.FAIL)),
    Rule(_COMPOSE, frozenset({_O.UNKNOWN}), _late_and_active, _is(_S.FAILED, Way.CARRY_ON)),
    Rule(_COMPOSE, frozenset({_O.UNKNOWN}), _always, _again),
    Rule(_COMPOSE, frozenset({_O.UNDONE, _O.NOT_READY}), _active, _did_not_come),
    Rule(_COMPOSE, frozenset({_O.UNDONE, _O.NOT_READY}), _not_composing, _is(_S.FAILED, Way.FINISH, sets_aside=True)),
    Rule(_COMPOSE, frozenset({_O.UNDONE, _O.NOT_READY}), _always, _taken_back),
    Rule(_COMPOSE, frozenset({_O.QUARANTINED}), _active, _came_to_quarantine),
    Rule(_COMPOSE, frozenset({_O.QUARANTINED}), _not_composing, _is(_S.FAILED, Way.FINISH, tells_quarantine=True)),
    Rule(_COMPOSE, frozenset({_O.QUARANTINED}), _always, _quarantined),
    Rule(_RELEASE, frozenset({_O.RELEASED}), _active, _is(_S.DONE, Way.CARRY_ON)),
    Rule(_RELEASE, frozenset({_O.QUARANTINED}), _active, _is(_S.DONE, Way.CARRY_ON, tells_quarantine=True)),
    Rule(_RELEASE, frozenset({_O.RELEASED}), _always, _is(_S.DONE, Way.FINISH)),
    Rule(_RELEASE, frozenset({_O.QUARANTINED}), _always, _is(_S.DONE, Way.FINISH, tells_quarantine=True)),
    Rule(_RELEASE, frozenset({_O.NOT_READY, _O.UNKNOWN}), _always, _again),
    Rule(_RESIZE, frozenset({_O.RESIZED}), _always, _is(_S.DONE, Way.FOLLOW)),
    Rule(_RESIZE, frozenset({_O.NOT_RESIZED}), _always, _is(_S.FAILED, Way.FOLLOW, sets_aside=True)),
    Rule(_RESIZE, frozenset({_O.NOT_READY}), _in_time, _waiting),
    Rule(_RESIZE, frozenset({_O.NOT_READY}), _always, _is(_S.FAILED, Way.FOLLOW)),
    Rule(_RESIZE, frozenset({_O.UNKNOWN}), _always, _again),
    Rule(_RESIZE, frozenset({_O.QUARANTINED}), _not_active, _is(_S.FAILED, Way.FINISH, tells_quarantine=True)),
    Rule(_RESIZE, frozenset({_O.QUARANTINED}), _closed, _is(_S.FAILED, Way.FAIL, tells_quarantine=True)),
    Rule(_RESIZE, frozenset({_O.QUARANTINED}), _always, _is(_S.DONE, Way.FOLLOW, tells_quarantine=True)),
)
