"""The planner's answer: which blocks on which host. Immutable, deterministic, readable as text. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from scheduler.planning.change import Change, change_from_wire, change_to_wire


@dataclass(frozen=True, slots=True)
class Setting:
    """How one card is set while nobody holds it: its MIG layout (profile → slices) and the watts it is held to."""

    layout: Mapping[str, int] = field(default_factory=dict)
    power_cap_w: int | None = None


@dataclass(frozen=True, slots=True)
class PathReport:
    """How the accelerators of one node reach each other and the host.

    `pairs` counts them by class, best first: PIX (one switch), PXB (one PRU), PHB (one socket), SYS (two sockets).
    `oversubscription` is the devices' bandwidth over that of the links; None without links. `network_gbit_per_s` is
    what its rails carry to the other nodes of its RDMA network.
    """

    pairs: Mapping[str, int]
    uplink_gbit_per_s: float
    device_gbit_per_s: float
    oversubscription: float | None
    network_gbit_per_s: int = 0


@dataclass(frozen=True, slots=True)
class NodePlan:
    """One node: a host and its blocks, for one node of one group."""

    index: int  # over the whole mix
    group: int
    role: str
    host: str
    blocks: tuple[str, ...]  # codes, sorted
    settings: Mapping[str, Setting] = field(default_factory=dict)  # by block, only those that need one
    network: str = ""  # RDMA network it is joined to
    rails: int = 0  # ports of it
    planes: Mapping[str, str] = field(default_factory=dict)  # optical plane of the link to each PRU (rule R2)
    paths: PathReport | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The certificate that a mix fits. `busy_from` and `busy_until` include padding.

    While the mix of one in use is changed, its nodes are all it has meanwhile: what comes and what goes.
    """

    pool: str
    generation: int  # of the pool when the snapshot was read
    starts_at: datetime
    ends_at: datetime
    busy_from: datetime
    busy_until: datetime
    nodes: tuple[NodePlan, ...]
    warnings: tuple[str, ...] = ()
    change: Change | None = None

    def units(self) -> tuple[str, ...]:
        return tuple(code for node in self.nodes for code in (node.host, *node.blocks))


def plan_to_wire(plan: Plan) -> dict[str, Any]:
    """Plain JSON of a plan; `plan_from_wire` is its inverse."""
    return {
        "pool": plan.pool,
        "generation": plan.generation,
        **{name: getattr(plan, name).isoformat() for name in _MOMENTS},
        "nodes": [{**asdict(node), "blocks": list(node.blocks)} for node in plan.nodes],
        "warnings": list(plan.warnings),
        **({"change": change_to_wire(plan.change)} if plan.change is not None else {}),
    }


def plan_from_wire(wire: Mapping[str, Any]) -> Plan:
    return Plan(
        pool=wire["pool"],
        generation=wire["generation"],
        **{name: datetime.fromisoformat(wire[name]) for name in _MOMENTS},
        nodes=tuple(node_from_wire(node) for node in wire["nodes"]),
        warnings=tuple(wire["warnings"]),
        change=change_from_wire(wire["change"]) if wire.get("change") else None,
    )


def node_from_wire(wire: Mapping[str, Any]) -> NodePlan:
    """Plans written before a key existed are read with its default."""
    paths = wire.get("paths")
    return NodePlan(
        index=wire["index"],
        group=wire["group"],
        role=wire["role"],
        host=wire["host"],
        blocks=tuple(wire["blocks"]),
        settings={block: Setting(**setting) for block, setting in wire.get("settings", {}).items()},
        network=wire.get("network", ""),
        rails=wire.get("rails", 0),
        planes=wire.get("planes", {}),
        paths=PathReport(**paths) if paths else None,
    )


_MOMENTS = ("starts_at", "ends_at", "busy_from", "busy_until")
