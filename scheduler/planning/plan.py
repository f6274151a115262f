"""The planner's answer: which blocks on which host. Immutable, deterministic, readable as text. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class NodePlan:
    """One node: a host and its blocks, for one node of one group."""

    index: int  # over the whole mix
    group: int
    role: str
    host: str
    blocks: tuple[str, ...]  # codes, sorted


@dataclass(frozen=True, slots=True)
class Plan:
    """The certificate that a mix fits. `busy_from` and `busy_until` include padding."""

    pool: str
    generation: int  # of the pool when the snapshot was read
    starts_at: datetime
    ends_at: datetime
    busy_from: datetime
    busy_until: datetime
    nodes: tuple[NodePlan, ...]
    warnings: tuple[str, ...] = ()

    def units(self) -> tuple[str, ...]:
        return tuple(code for node in self.nodes for code in (node.host, *node.blocks))


def plan_to_wire(plan: Plan) -> dict[str, Any]:
    """Plain JSON of a plan; `plan_from_wire` is its inverse."""
    return {
        "pool": plan.pool,
        "generation": plan.generation,
        **{name: getattr(plan, name).isoformat() for name in _MOMENTS},
        "nodes": [
            {"index": n.index, "group": n.group, "role": n.role, "host": n.host, "blocks": list(n.blocks)}
            for n in plan.nodes
        ],
        "warnings": list(plan.warnings),
    }


def plan_from_wire(wire: Mapping[str, Any]) -> Plan:
    return Plan(
        pool=wire["pool"],
        generation=wire["generation"],
        **{name: datetime.fromisoformat(wire[name]) for name in _MOMENTS},
        nodes=tuple(NodePlan(**{**node, "blocks": tuple(node["blocks"])}) for node in wire["nodes"]),
        warnings=tuple(wire["warnings"]),
    )


_MOMENTS = ("starts_at", "ends_at", "busy_from", "busy_until")
