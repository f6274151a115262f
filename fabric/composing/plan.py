"""From a target, a fabric's capabilities and what is already so to the ordered steps. Pure."""

from collections.abc import Set
from dataclasses import dataclass

from fabric.composing.steps import DO_ORDER, UNDO, UNDO_ORDER
from fabric.drivers.base import Capabilities
from fabric.states import StepKind


@dataclass(frozen=True, slots=True)
class Target:
    """What the fabric shall show: these blocks on this host under this name."""

    tag: str
    host: str
    blocks: tuple[str, ...]


def plan_compose(*, target: Target, capabilities: Capabilities, done: Set[StepKind]) -> tuple[StepKind, ...]:
    """What is left to do; the host is switched off first only where its fabric demands it."""
    skipped = set(done) if capabilities.needs_host_off else set(done) | {StepKind.QUIESCE}
    return tuple(kind for kind in DO_ORDER if kind not in skipped)


def plan_release(
    *, target: Target, capabilities: Capabilities, begun: Set[StepKind], done: Set[StepKind]
) -> tuple[StepKind, ...]:
    """What is left to take back, in reverse, of the steps that have begun, finished or not; also the undo of a failure.

    Nothing where nothing was begun that touches the fabric.
    """
    wanted = {undo for kind in begun if kind in UNDO for undo in UNDO[kind]}
    if not target.blocks:
        wanted.discard(StepKind.CLEAN)
    return tuple(kind for kind in UNDO_ORDER if kind in wanted - set(done))
