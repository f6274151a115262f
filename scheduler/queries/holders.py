"""Who holds a unit at one instant: the padded windows that cover it, and maintenance."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from scheduler.models import Allocation

HOLDER_UNITS_MAX = 64  # rows that are looked at to name the next holder


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


@dataclass(frozen=True, slots=True)
class NextHolder:
    """Who has units of another's next: a reservation, or a maintenance, and from when, its set-up included."""

    reservation: str | None
    project_id: int | None
    project: str | None
    maintenance: str | None
    begins_at: datetime
    blocks: tuple[str, ...]
    hosts: tuple[str, ...]


def next_holder(*, pool_id: int, units: Collection[str], but: str, begin: datetime, end: datetime) -> NextHolder | None:
    """The first to hold any of these units in `[begin, end)`, but for the reservation `but`. One query."""
    named = Q(block__code__in=units) | Q(host__code__in=units)
    found = Allocation.objects.filter(named, pool_id=pool_id, is_holding=True, during__overlap=(begin, end))
    rows = found.exclude(reservation__code=but).order_by("during", "id")
    columns = ("reservation__code", "reservation__project_id", "reservation__project__name", "maintenance__code")
    held = list(rows.values_list(*columns, "during", "block__code", "host__code")[:HOLDER_UNITS_MAX])
    if not held:
        return None
    reservation, project_id, project, maintenance, during, *_ = held[0]
    mine = [row for row in held if (row[0], row[3]) == (reservation, maintenance)]
    blocks, hosts = (tuple(row[nth] for row in mine if row[nth]) for nth in (-2, -1))
    return NextHolder(reservation, project_id, project, maintenance, during.lower, blocks, hosts)


_OF_A_RESERVATION = ("reservation__code", "reservation__project_id")
_OF_A_MAINTENANCE = ("maintenance__code", "maintenance__ends_at")
