"""A fabric that picks devices itself may give others than were asked for: which of those are as good. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from fabric.composing.books import Block, Changes, Shift
from fabric.composing.errand import Errand
from fabric.drivers.base import AS_IT_COMES, Machine
from fabric.states import BlockState


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What came that was not asked for. `taken` are all of it that nobody else has a claim to.

    `instead` is asked → given if every device that was asked for and did not come has an equal; else it is empty, and
    what was taken is taken back with the rest.
    """

    taken: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)


def given_instead(errand: Errand, machine: Machine | None, *, known: Collection[str]) -> Given:
    """`known` are the blocks that the node has, or is to have, by the books. Nothing where we name the devices."""
    if machine is None or machine.host != errand.target.host or not errand.capabilities.picks_devices:
        return Given()
    came = sorted(machine.blocks - set(known))
    lacking = [code for code in errand.target.blocks if code not in machine.blocks]
    taken = _nobodys(errand, came)
    is_fair = len(came) == len(taken) == len(lacking) and not set(lacking) & set(errand.target.settings)
    return Given(taken=taken, instead=_pairs(errand, lacking, taken) if is_fair else {})


def changes_for(given: Given, changes: Changes) -> Changes:
    """What came is the node's; what was asked for instead was never touched and is free."""
    freed = frozenset(given.instead)
    return Changes(
        at=changes.at,
        includes=dict.fromkeys(given.taken, AS_IT_COMES),
        takes=given.taken,
        attached=changes.attached | set(given.taken),
        shifts=(
            *changes.shifts,
            Shift(frozenset(given.taken), BlockState.ATTACHING, BlockState.ATTACHED),
            Shift(freed, BlockState.ATTACHING, BlockState.FREE),
        ),
        host_shifts=changes.host_shifts,
        excludes=freed,
        moves=changes.moves,
        reason=changes.reason,
    )


def _nobodys(errand: Errand, codes: Collection[str]) -> tuple[str, ...]:
    if not codes:
        return ()
    states = errand.books.block_states(codes)
    others = errand.books.wanted_elsewhere(codes) | errand.books.attached_elsewhere(codes)
    return tuple(code for code in codes if states.get(code) == BlockState.FREE and code not in others)


def _pairs(errand: Errand, asked: Collection[str], given: Collection[str]) -> dict[str, str]:
    """Equals stand in the same place: class, chassis, switch, zone and bridge group. Empty unless all have one."""
    facts = errand.books.blocks([*asked, *given])
    wanted, there = _by_kind(facts[code] for code in asked), _by_kind(facts[code] for code in given)
    if {kind: len(codes) for kind, codes in wanted.items()} != {kind: len(codes) for kind, codes in there.items()}:
        return {}
    return {code: other for kind, codes in wanted.items() for code, other in zip(codes, there[kind], strict=True)}


def _by_kind(blocks: Iterable[Block]) -> Mapping[tuple[str, ...], list[str]]:
    kinds: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for block in sorted(blocks, key=lambda one: one.code):
        kinds[(block.device_class, *block.place)].append(block.code)
    return kinds
