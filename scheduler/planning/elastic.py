"""Elastic groups: which nodes are above the floor, how many a profile wants, and a pool in which they were given back.

The floor of a group is promised like any booking. What is above it came from idle capacity, and is given back, before
anybody is preempted, when another booking needs its units. The last nodes of a group are those above its floor. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import NodePlan, Plan
from scheduler.planning.snapshot import Snapshot
from scheduler.planning.stays import Stay, to_instant
from scheduler.planning.timeline import Committed
from scheduler.planning.turnarounds import turnaround_of_stays
from scheduler.requests import Elastic


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus:
    """Nodes of one reservation, by index, that could be given back. `is_begun`: they have to be taken apart first."""

    reservation: str
    nodes: frozenset[int]
    is_begun: bool


def above_floor(*, nodes: Sequence[NodePlan], elastic: Mapping[str, Elastic]) -> frozenset[int]:
    found: list[int] = []
    for role, one in elastic.items():
        mine = sorted(node.index for node in nodes if node.role == role)
        found += mine[one.floor :]
    return frozenset(found)


def wanted_nodes(*, elastic: Elastic, at: datetime, zone: ZoneInfo) -> int | None:
    """By its profile, on the clock of the pool; outside of all its times the floor. None without a profile."""
    if not elastic.profile:
        return None
    local = at.astimezone(zone)
    day, minute = str(local.isoweekday()), local.hour * 60 + local.minute
    fitting = (one.nodes for one in elastic.profile if day in one.weekdays and one.begin <= minute < one.end)
    return max(fitting, default=elastic.floor)


def given_back(*, seen: Snapshot, ones: Iterable[Surplus]) -> Snapshot:
    """As it would be if all of these began to be given back now."""
    ones, index = tuple(ones), PoolIndex(seen)
    timeline = index.without(one.reservation for one in ones).timeline
    for one in ones:
        stays = index.timeline.stays(one.reservation)
        timeline.add_stays(_left(stays, one, index))
    return replace(seen, commitments=Committed(timeline))


def needed_by(*, plan: Plan, seen: Snapshot, ones: Iterable[Surplus]) -> tuple[Surplus, ...]:
    """Those nodes alone whose units, or whose time, the plan takes."""
    index = PoolIndex(seen)
    begin, end = to_instant(plan.busy_from), to_instant(plan.busy_until)
    bits = {index.shape.bit_of[True, node.host] for node in plan.nodes}
    bits |= {index.shape.bit_of[False, code] for node in plan.nodes for code in node.blocks}
    found = []
    for one in ones:
        stays = index.timeline.stays(one.reservation)
        taken = frozenset(
            stay.node
            for stay in stays
            if stay.node in one.nodes and stay.begin < end and begin < stay.end and bits & {*stay.bits}
        )
        if taken:
            found.append(replace(one, nodes=taken))
    return tuple(found)


def _left(stays: Sequence[Stay], one: Surplus, index: PoolIndex) -> Iterable[Stay]:
    """What has begun is its own until it is cleaned."""
    now = index.snapshot.now
    until = to_instant(now + turnaround_of_stays(stays=stays, shape=index.shape).length)
    for stay in stays:
        if stay.node not in one.nodes:
            yield stay
        elif one.is_begun and stay.begin < until:
            yield replace(stay, end=min(stay.end, until))
