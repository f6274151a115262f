"""One life of a node, lived the way the executor lives it, and what must be so at its end whatever went wrong.

The rules of an outcome are the executor's: after a lost reply look the operation up, if it is not known ask again; what
counts is what a read shows. A driver that keeps its contract cannot make this leave anything behind.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from fabric.drivers.base import (
    BlockOutcome,
    ContractBroken,
    Done,
    DriverError,
    Pending,
    Precondition,
    Transient,
    Unknown,
)
from tests.contracts.worlds import BLOCKS, HOSTS, World

ROUNDS_MAX = 40
PAUSE_SECONDS = 5.0
TAG, HOST, ASKED = "t-1", HOSTS[0], BLOCKS[:3]
Answer = TypeVar("Answer")


@dataclass
class Life:
    """What was seen. `shown` are the blocks that a read showed when the compose had ended, `claimed` those as ours."""

    shown: frozenset[str] = frozenset()
    claimed: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()  # what was really so at that moment
    is_frozen: bool = False  # the driver said that the fabric contradicts itself
    errors: list[str] = field(default_factory=list)


def nothing(world: World) -> None:
    """Nothing happens midway."""


def live(world: World, *, midway: Callable[[World], None] = nothing) -> Life:
    """Compose, look, decompose, look, clean. `midway` happens when the compose has been asked for."""
    life, given = Life(), world.given(ASKED)
    try:
        _compose(world, life, midway)
        machine = _ask(world, lambda: world.driver.read(TAG))
        shown = _ask(world, lambda: world.driver.find(tag=TAG, blocks=BLOCKS if world.picks_devices else ASKED))
        life.shown = frozenset(seen.block for seen in shown)
        life.claimed = frozenset(seen.block for seen in shown if (seen.tag, seen.host) == (TAG, HOST))
        life.bound = _bound(world)
        assert machine is None or (machine.host, machine.blocks) == (HOST, life.bound)
        _carry_out(world, life, lambda: world.driver.decompose(op_key="d", tag=TAG), "d")
        _ask(world, lambda: world.driver.read(TAG))
        held = {block for block, tag in world.owners().items() if tag is not None}
        used = sorted(life.bound.union(given) - held)
        _carry_out(world, life, lambda: world.driver.clean(op_key="k", blocks=used), "k")
    except ContractBroken:
        life.is_frozen = True
    return life


def changed(world: World, trouble: Callable[[World], None]) -> bool:
    """A node of two is to lose one and get another, in trouble; whether it came to that. Then it is taken apart."""
    life = Life()
    gone, kept = world.given(ASKED[:2])
    _carry_out(world, life, lambda: world.driver.compose(op_key="c", tag=TAG, host=HOST, blocks=ASKED[:2]), "c")
    trouble(world)
    wish: dict[str, tuple[str, ...]] = {"add": ("gpu-3",), "remove": (gone,)}
    done = _carry_out(world, life, lambda: world.driver.resize(op_key="r", tag=TAG, **wish), "r")
    bound, machine = _bound(world), _ask(world, lambda: world.driver.read(TAG))
    assert machine is not None
    assert machine.blocks == bound, "a read showed what is not so"
    if done is not None:
        told = {line.block for line in done.lines if line.outcome == BlockOutcome.DONE}
        assert told == bound - {kept, gone} | {gone} - bound, "an outcome is not true"
    _carry_out(world, life, lambda: world.driver.decompose(op_key="d", tag=TAG), "d")
    assert (_bound(world), TAG in world.machines()) == (frozenset(), False), "something was left behind"
    assert len(bound) <= 2 or gone in bound, "one wish was carried out twice"
    return len(bound) == 2 and gone not in bound


def check(world: World, life: Life) -> None:
    """What no fault may break."""
    assert life.claimed == life.bound & life.shown, "a read showed what is not so"
    if not life.is_frozen:
        assert _bound(world) == frozenset(), "a block was left behind"
        assert TAG not in world.machines(), "a machine was left behind"
    assert world.composes(TAG) <= 1, "one wish was carried out twice"


def _compose(world: World, life: Life, midway: Callable[[World], None]) -> None:
    """A host that must be off first is switched off. Every outcome told is a true one."""
    later = iter([midway])

    def compose() -> Done | Pending:
        try:
            return world.driver.compose(op_key="c", tag=TAG, host=HOST, blocks=ASKED)
        finally:
            next(later, nothing)(world)

    done = _carry_out(world, life, compose, "c")
    if done is None and life.errors[-1] == Precondition.__name__:
        _ask(world, lambda: world.driver.power(host=HOST, on=False))
        done = _carry_out(world, life, compose, "c")
    if done is not None:
        lines = {line.block: line.outcome for line in done.lines}
        assert len(lines) == len(ASKED), "an outcome is missing"
        assert world.picks_devices or set(lines) == set(ASKED), "an outcome is of another block"
        bound = _bound(world)
        assert {block for block, one in lines.items() if one == BlockOutcome.DONE} == bound, "an outcome is not true"


def _bound(world: World) -> frozenset[str]:
    """What is really ours at this moment."""
    return frozenset(block for block, tag in world.owners().items() if tag == TAG)


def _carry_out(world: World, life: Life, submit: Callable[[], Done | Pending], op_key: str) -> Done | None:
    """To its end; None where the fabric refuses, or does not end."""
    is_submitted = False
    for _ in range(ROUNDS_MAX):
        try:
            reply = world.driver.poll(op_key) if is_submitted else submit()
        except Transient:
            pass
        except Unknown:
            is_submitted = not is_submitted
        except ContractBroken:
            raise
        except DriverError as error:
            life.errors.append(type(error).__name__)
            return None
        else:
            is_submitted = True
            if isinstance(reply, Done):
                return reply
        world.advance(PAUSE_SECONDS)
    life.errors.append("Timeout")
    return None


def _ask(world: World, question: Callable[[], Answer]) -> Answer:
    for _ in range(ROUNDS_MAX):
        try:
            return question()
        except (Transient, Unknown):
            world.advance(PAUSE_SECONDS)
    raise AssertionError("a read is never answered")
