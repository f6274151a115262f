"""From a draft to the plan: what each node has, how it is set and how it is joined. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from fabric.topology import NetworkFacts
from scheduler.planning.case import Case, Draft, Placed
from scheduler.planning.links import Planes, planes_for
from scheduler.planning.path_report import path_report
from scheduler.planning.plan import NodePlan, Plan
from scheduler.planning.rules.fanout import prus_of
from scheduler.planning.rules.rdma import asks_for_rdma, network_of, rails_of
from scheduler.planning.rules.registry import WARNINGS
from scheduler.planning.settings import settings_of


def plan_of(case: Case, draft: Draft, promised: Planes | None = None) -> Plan:
    """`promised` are the planes of each node's links, where they are settled already."""
    network = network_of(case)
    joined = [(placed.host.code, prus_of(placed)) for placed in draft]
    planes = promised or planes_for(case, joined) or [{}] * len(draft)
    return Plan(
        pool=case.topology.pool,
        generation=case.index.snapshot.generation,
        starts_at=case.window.starts_at,
        ends_at=case.window.ends_at,
        busy_from=case.busy_from,
        busy_until=case.busy_until,
        nodes=tuple(_node(case, placed, by_pru, network) for placed, by_pru in zip(draft, planes, strict=True)),
        warnings=tuple(dict.fromkeys(warning for warn in WARNINGS for warning in warn(case, draft))),
    )


def _node(case: Case, placed: Placed, planes: Mapping[str, str], network: NetworkFacts | None) -> NodePlan:
    wish = placed.wish
    joined = network if asks_for_rdma(wish) else None
    rails = rails_of(wish, joined) if joined else 0
    carried = joined.port_rate_gbit_per_s * rails if joined else 0
    return NodePlan(
        index=wish.index,
        group=wish.group,
        role=wish.role,
        host=placed.host.code,
        blocks=tuple(sorted(block.code for block in placed.blocks)),
        settings=settings_of(case.topology.classes, placed),
        network=joined.code if joined else "",
        rails=rails,
        planes=planes,
        paths=replace(path_report(case.topology, placed, planes), network_gbit_per_s=carried),
    )
