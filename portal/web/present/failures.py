"""What fails in a reservation, or is gone without, in words."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fabric.states import UNUSABLE, BlockState, DriftKind
from scheduler.queries.reservation_detail import BlockDetail, ReservationDetail

_TROUBLES: Mapping[str, str] = {  # a device in use: what is wrong with it, by the open difference
    DriftKind.LOST: "The fabric shows it detached.",
    DriftKind.ELSEWHERE: "The fabric shows it on another machine.",
    DriftKind.ABSENT: "The fabric does not show it any more.",
    DriftKind.UNHEALTHY: "The fabric reports it failed.",
    DriftKind.CHANGED: "It is not the hardware, or not set, as it was attached.",
}


@dataclass(frozen=True, slots=True)
class FailedView:
    """A device that fails in use. With `may_swap` there is a page that says what a swap would do."""

    block: str
    name: str
    node: str
    words: str
    may_swap: bool


@dataclass(frozen=True, slots=True)
class LackView:
    """`Node 1 runs with 3 of 4 NVIDIA H100 NVL`; an equal one is looked for until then, if at all."""

    words: str
    tried_until: datetime | None


def lack_views(detail: ReservationDetail, *, names: Mapping[str, str]) -> tuple[LackView, ...]:
    """One line a node and class; its longest search tells until when."""
    have = Counter((node.index, block.device_class) for node in detail.nodes for block in node.blocks)
    lacking = Counter((lack.node, lack.device_class) for lack in detail.shortfall)
    until: dict[tuple[int, str], datetime | None] = dict.fromkeys(lacking)
    for lack in detail.shortfall:
        place = (lack.node, lack.device_class)
        until[place] = max((at for at in (until[place], lack.tried_until) if at), default=None)
    return tuple(
        LackView(
            f"Node {node + 1} runs with {have[node, code]} of {have[node, code] + count} {names.get(code, code)}.",
            until[node, code],
        )
        for (node, code), count in sorted(lacking.items())
    )


def trouble_of(block: BlockDetail) -> str:
    """What is wrong with a device in use; "" while nothing is."""
    if block.drift:
        return _TROUBLES[block.drift]
    if block.state == BlockState.MISSING:
        return _TROUBLES[DriftKind.ABSENT]
    return block.state_reason or "It is quarantined." if block.state in UNUSABLE else ""
