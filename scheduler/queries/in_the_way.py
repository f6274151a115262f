"""Who holds devices of a mix in the window it is wanted for: what one reads beside “all of them are busy”."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, F, Func, Max

from fabric.topology import PoolTopology
from scheduler.models import Allocation
from scheduler.planning.matching import matched
from scheduler.queries.boards import board
from scheduler.requests import Line, Mix, ReservationRequest

SHOWN_MAX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class InTheWay:
    """`reservation`, `title` and `project_name` are empty where the asker does not see it. Ends with its clean-up."""

    device_class: str
    devices: int
    until: datetime
    is_maintenance: bool = False
    reservation: str = ""
    title: str = ""
    project_name: str = ""


def in_the_way(
    *, request: ReservationRequest, project_ids: Collection[int] | None, limit: int = SHOWN_MAX
) -> tuple[InTheWay, ...]:
    """What is given back first comes first. `project_ids` are what the asker sees, None is all. Two queries."""
    topology = board(pool_code=request.pool).inventory.shape.topology
    policy, window = topology.policy, request.window
    begin = window.starts_at - timedelta(minutes=policy.setup_minutes)
    end = window.ends_at + timedelta(minutes=policy.teardown_minutes)
    found = Allocation.objects.filter(
        pool__code=request.pool,
        is_holding=True,
        block__device_class__code__in=classes_of(request.mix, topology),
        during__overlap=(begin, end),
    )
    grouped = found.values(
        "block__device_class__code",
        "reservation__code",
        "reservation__title",
        "reservation__project_id",
        "reservation__project__name",
        "maintenance_id",
    ).annotate(devices=Count("block_id", distinct=True), until=Max(_END))
    return tuple(_row(one, project_ids) for one in grouped.order_by("until", "reservation__code")[:limit])


def classes_of(mix: Mix, topology: PoolTopology) -> frozenset[str]:
    """Every class that a line of the mix could be of, alternatives and selectors included."""
    return frozenset(code for group in mix.groups for line in group.lines for code in _classes(line, topology))


def _classes(line: Line, topology: PoolTopology) -> Iterator[str]:
    for one in line.first_of or (line,):
        if one.selector:
            yield from (found.codes[0] for found in matched(one, topology))
        else:
            yield one.device_class


def _row(one: Mapping[str, Any], project_ids: Collection[int] | None) -> InTheWay:
    is_seen = project_ids is None or one["reservation__project_id"] in project_ids
    return InTheWay(
        device_class=one["block__device_class__code"],
        devices=one["devices"],
        until=one["until"],
        is_maintenance=one["maintenance_id"] is not None,
        reservation=(one["reservation__code"] or "") if is_seen else "",
        title=(one["reservation__title"] or "") if is_seen else "",
        project_name=(one["reservation__project__name"] or "") if is_seen else "",
    )


_END = Func(F("during"), function="upper", output_field=DateTimeField())
