"""Placements made by hand, to measure one rule alone."""

from collections.abc import Callable, Iterable
from typing import Any

from fabric.topology import PoolTopology
from scheduler.planning.attempts import case_of
from scheduler.planning.case import Case, Draft, Placed
from scheduler.planning.index import PoolIndex
from scheduler.planning.rules.base import PlacementRule
from scheduler.refusals import Refusal
from scheduler.requests import ReservationRequest
from tests.scheduler.planning.asking import Row
from tests.worlds import snapshot

Node = tuple[str, *tuple[str, ...]]  # a host and its blocks


def drafted(world: PoolTopology, request: ReservationRequest, *nodes: Node, **around: Any) -> tuple[Case, Draft]:
    """The request with these hosts and blocks for its nodes, in order."""
    case = case_of(request=request, index=PoolIndex(snapshot(world, **around)))
    return case, [
        Placed(wish, world.hosts[host], tuple(world.blocks[code] for code in blocks))
        for wish, (host, *blocks) in zip(case.wishes, nodes, strict=True)
    ]


def broken(
    rule: PlacementRule | Callable[[Case, Draft], Iterable[Refusal]],
    world: PoolTopology,
    request: ReservationRequest,
    *nodes: Node,
    **around: Any,
) -> list[Row]:
    """Every refusal of one rule, in order."""
    case, draft = drafted(world, request, *nodes, **around)
    measure = rule.violations if isinstance(rule, PlacementRule) else rule
    return [(one.code.value, one.field, one.need, one.have, one.unit) for one in measure(case, draft)]


def run(prefix: str, first: int, last: int) -> tuple[str, ...]:
    """Codes of blocks in a row: `run("pru-01-s", 1, 2)` is pru-01-s01 and pru-01-s02."""
    return tuple(f"{prefix}{slot:02d}" for slot in range(first, last + 1))
