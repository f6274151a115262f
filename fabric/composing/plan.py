"""From a target, a fabric's capabilities and what is already so to the ordered steps. Pure."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from fabric.composing.steps import DO_ORDER, UNDO, UNDO_ORDER
from fabric.drivers.base import Capabilities, CardSetting
from fabric.states import StepKind


@dataclass(frozen=True, slots=True)
class Target:
    """What the fabric shall show: these blocks on this host under this name, and these cards set so, no other."""

    tag: str
    host: str
    blocks: tuple[str, ...]
    settings: Mapping[str, CardSetting] = field(default_factory=dict)  # by block, only those that need one


def plan_compose(*, target: Target, capabilities: Capabilities, done: Set[StepKind]) -> tuple[StepKind, ...]:
    """What is left to do; the host is switched off first only where its fabric demands it, cards set only if asked."""
    skipped = set(done)
    if not capabilities.needs_host_off:
        skipped.add(StepKind.QUIESCE)
    if not target.settings:
        skipped.add(StepKind.CONFIGURE)
    return tuple(kind for kind in DO_ORDER if kind not in skipped)


def plan_release(
    *,
    target: Target,
    capabilities: Capabilities,
    begun: Set[StepKind],
    done: Set[StepKind],
    drains: bool = False,
) -> tuple[StepKind, ...]:
    """What is left to take back, in reverse, of the steps that have begun, finished or not; also the undo of a failure.

    Nothing where nothing was begun that touches the fabric. `drains` where work on the devices has a grace to stop.
    """
    wanted = {undo for kind in begun if kind in UNDO for undo in UNDO[kind]}
    if not target.blocks:
        wanted.discard(StepKind.CLEAN)
    if not target.blocks or not drains:
        wanted.discard(StepKind.DRAIN)
    return tuple(kind for kind in UNDO_ORDER if kind in wanted - set(done))
