"""The executor: runs the planned steps of one node, each behind a committed intent row. It makes no choices."""

from collections.abc import Callable
from datetime import datetime

from fabric.composing.results import NodeOutcome, NodeResult
from fabric.drivers.base import Driver
from fabric.models import Composition, CompositionStep

__all__ = ["NodeOutcome", "NodeResult", "compose_node", "release_node"]


def compose_node(
    *,
    composition: Composition,
    driver: Driver,
    attempt: int,
    fence: int,
    clock: Callable[[], datetime],
    wait: Callable[[float], None],
    is_current: Callable[[], bool],
    on_step: Callable[[CompositionStep], None],
    request_id: str = "",
) -> NodeResult:
    """Make the fabric show exactly the target, or take back everything that was done.

    Ends as composed, not_ready, undone, quarantined, superseded or unknown. Safe to run again after a kill at any point,
    with a new attempt and fence.
    """
    raise NotImplementedError


def release_node(
    *,
    composition: Composition,
    driver: Driver,
    attempt: int,
    fence: int,
    clock: Callable[[], datetime],
    wait: Callable[[float], None],
    is_current: Callable[[], bool],
    on_step: Callable[[CompositionStep], None],
    request_id: str = "",
) -> NodeResult:
    """Take the node apart and prove every block free; ends as released, quarantined, superseded or unknown."""
    raise NotImplementedError
