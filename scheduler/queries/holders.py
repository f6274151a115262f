"""Who holds a unit at one instant: the padded windows that cover it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from scheduler.models import Allocation


@dataclass(frozen=True, slots=True)
class Holder:
    reservation: str
    project_id: int
    host: str | None  # of the node the unit belongs to


def holding(*, now: datetime) -> QuerySet[Allocation]:
    return Allocation.objects.filter(is_holding=True, during__contains=now)


def is_block_held(*, now: datetime) -> Exists:
    return Exists(holding(now=now).filter(block=OuterRef("id")))


def is_host_held(*, now: datetime) -> Exists:
    return Exists(holding(now=now).filter(host=OuterRef("id")))


def block_holders(*, ids: Collection[int], now: datetime) -> dict[int, Holder]:
    """By block id. One query."""
    node_host = Allocation.objects.filter(
        reservation=OuterRef("reservation"), node=OuterRef("node"), host__isnull=False
    )
    found = holding(now=now).filter(block_id__in=ids).annotate(host_code=Subquery(node_host.values("host__code")[:1]))
    return {
        unit: Holder(reservation, project, host)
        for unit, reservation, project, host in found.values_list(
            "block_id", "reservation__code", "reservation__project_id", "host_code"
        )
    }


def host_holders(*, ids: Collection[int], now: datetime) -> dict[int, Holder]:
    """By host id. One query."""
    found = holding(now=now).filter(host_id__in=ids)
    return {
        unit: Holder(reservation, project, host)
        for unit, reservation, project, host in found.values_list(
            "host_id", "reservation__code", "reservation__project_id", "host__code"
        )
    }
