"""How one run of the executor ended, in words its caller can act on. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class NodeOutcome(StrEnum):
    COMPOSED = "composed"  # read-back shows exactly the target
    RELEASED = "released"  # every block is proven free; the composition is closed
    NOT_READY = "not_ready"  # nothing was touched: host or block is still of another composition; try again later
    UNDONE = "undone"  # it failed and was taken back; every block is proven free; closed
    RESIZED = "resized"  # a node in use was changed; read-back shows the new target
    NOT_RESIZED = "not_resized"  # it could not be; the node is as it was
    QUARANTINED = "quarantined"  # closed, and something could not be proven: it is offered to nobody
    SUPERSEDED = "superseded"  # another worker has it; nothing was written
    UNKNOWN = "unknown"  # the fabric does not answer; run it again, nothing is lost


CLOSING = frozenset({NodeOutcome.RELEASED, NodeOutcome.UNDONE, NodeOutcome.QUARANTINED})


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeResult:
    """`failed_blocks` are the codes that made a compose or a resize fail: plan without them. `reason` is for people.

    `exchanged` is asked → given, of a fabric that picks devices itself: the node's blocks are the given ones.
    """

    outcome: NodeOutcome
    reason: str = ""
    failed_blocks: tuple[str, ...] = ()
    exchanged: Mapping[str, str] = field(default_factory=dict)
