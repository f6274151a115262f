"""Ask the planner and get something to compare: the refusals as plain rows, or the plan."""

from typing import Any

import pytest

from fabric.topology import PoolTopology
from scheduler.planning.admission import decide
from scheduler.planning.plan import Plan
from scheduler.refusals import Refused
from scheduler.requests import ReservationRequest
from tests.worlds import snapshot

Row = tuple[str, str, int | float | None, int | float | None, str]  # code, field, need, have, unit


def grant(world: PoolTopology, request: ReservationRequest, **around: Any) -> Plan:
    return decide(request=request, snapshot=snapshot(world, **around))


def refused(world: PoolTopology, request: ReservationRequest, **around: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        grant(world, request, **around)
    return caught.value


def rows(world: PoolTopology, request: ReservationRequest, **around: Any) -> list[Row]:
    """Every refusal, in order."""
    return [
        (one.code.value, one.field, one.need, one.have, one.unit) for one in refused(world, request, **around).refusals
    ]


def nodes(plan: Plan) -> list[tuple[str, tuple[str, ...]]]:
    """Host and blocks of each node."""
    return [(node.host, node.blocks) for node in plan.nodes]
