"""Who holds a unit at one instant: the padded windows that cover it, and maintenance."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from scheduler.models import Allocation


@dataclass(frozen=True, slots=True)
class Holder:
    """A reservation, or a maintenance: then `reservation` and `project_id` are None, and `until` is its end."""

    reservation: str | None
    project_id: int | None
    host: str | None  # of the node the unit belongs to
    maintenance: str | None = None
    until: datetime | None = None


def holding(*, now: datetime) -> QuerySet[Allocation]:
    """By reservations."""
    return _present(now).filter(maintenance__isnull=True)


def _present(now: datetime) -> QuerySet[Allocation]:
    return Allocation.objects.filter(is_holding=True, during__contains=now)


def is_block_held(*, now: datetime) -> Exists:
    return Exists(holding(now=now).filter(block=OuterRef("id")))


def is_host_held(*, now: datetime) -> Exists:
    return Exists(holding(now=now).filter(host=OuterRef("id")))


def is_block_maintained(*, now: datetime) -> Exists:
    return Exists(_present(now).filter(maintenance__isnull=False, block=OuterRef("id")))


def is_host_maintained(*, now: datetime) -> Exists:
    return Exists(_present(now).filter(maintenance__isnull=False, host=OuterRef("id")))


def block_holders(*, ids: Collection[int], now: datetime) -> dict[int, Holder]:
    """By block id. One query."""
    node_host = Allocation.objects.filter(
        reservation=OuterRef("reservation"), node=OuterRef("node"), host__isnull=False
    )
    found = _present(now).filter(block_id__in=ids).annotate(host_code=Subquery(node_host.values("host__code")[:1]))
    return {
        unit: Holder(*holder)
        for unit, *holder in found.values_list("block_id", *_OF_A_RESERVATION, "host_code", *_OF_A_MAINTENANCE)
    }


def host_holders(*, ids: Collection[int], now: datetime) -> dict[int, Holder]:
    """By host id. One query."""
    found = _present(now).filter(host_id__in=ids)
    return {
        unit: Holder(*holder)
        for unit, *holder in found.values_list("host_id", *_OF_A_RESERVATION, "host__code", *_OF_A_MAINTENANCE)
    }


_OF_A_RESERVATION = ("reservation__code", "reservation__project_id")
_OF_A_MAINTENANCE = ("maintenance__code", "maintenance__ends_at")
