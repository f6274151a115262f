"""A pool rack by rack: what stands where, what state it is in, who holds it as far as the asker may know."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from fabric.models import DeviceClass, Host, Pru, Rack, ResourceBlock, Zone
from scheduler.models import Reservation
from scheduler.queries.chassis import BLOCKS_PER_PAGE_MAX
from scheduler.queries.holders import holding
from scheduler.queries.paging import Page, one_more
from scheduler.queries.racks import RackRow, rack_rows
from scheduler.queries.units import (
    BlockRow,
    HostRow,
    UnitFilters,
    block_page,
    host_page,
    matching_blocks,
    matching_hosts,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapFilters:
    """Which racks are shown: those that hold something which matches. `mine` are ids of projects, None is not asked."""

    pool: str
    zone: str | None = None
    device_class: str | None = None
    state: str | None = None
    mine: Collection[int] | None = None

    @property
    def narrows(self) -> bool:
        return self.device_class is not None or self.state is not None or self.mine is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class MapClass:
    """A device class that the pool has some of; `name` is without its vendor, for a cell is small."""

    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PruRow:
    code: str
    model: str
    rack: str
    zone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRack:
    load: RackRow
    hosts: tuple[HostRow, ...]
    prus: tuple[PruRow, ...]
    blocks: Mapping[str, tuple[BlockRow, ...]] = field(default_factory=dict)  # by PRU, or by fixed system


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPage:
    """`mine` are the reservations among those that hold something here which are the asker's own projects'."""

    racks: tuple[MapRack, ...]
    mine: frozenset[str]
    next_after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneCount:
    code: str
    blocks: int
    held: int


def map_page(
    *,
    filters: MapFilters,
    project_ids: Collection[int] | None,
    own_ids: Collection[int],
    now: datetime,
    limit: int,
    after: str | None = None,
) -> MapPage:
    """Racks by code. Twelve queries. `project_ids`: whose reservations may be named, None is everybody's."""
    shown = _racks(filters, now, limit, after)
    codes = list(shown.rows)
    prus = _prus(filters.pool, codes)
    hosts = host_page(
        filters=UnitFilters(pool=filters.pool, racks=codes), project_ids=project_ids, now=now, limit=BLOCKS_PER_PAGE_MAX
    ).rows
    chassis = [*(pru.code for pru in prus), *(host.code for host in hosts if host.is_fixed)]
    blocks = block_page(
        filters=UnitFilters(pool=filters.pool, chassis=chassis),
        project_ids=project_ids,
        now=now,
        limit=BLOCKS_PER_PAGE_MAX,
    ).rows
    named = {host.reservation for host in hosts} | {block.reservation for block in blocks}
    own = Reservation.objects.filter(code__in=named - {None}, project_id__in=list(own_ids)).values_list(
        "code", flat=True
    )
    return MapPage(
        racks=tuple(
            _rack(load, hosts, prus, blocks) for load in rack_rows(pool_code=filters.pool, now=now, only=codes)
        ),
        mine=frozenset(own),
        next_after=shown.next_after,
    )


def map_classes(*, pool_code: str) -> tuple[MapClass, ...]:
    """By code. One query."""
    some = ResourceBlock.objects.filter(pool__code=pool_code, device_class=OuterRef("pk"))
    rows = DeviceClass.objects.filter(Exists(some)).order_by("code").values_list("code", "name", "vendor", "kind")
    return tuple(
        MapClass(code=code, name=name.removeprefix(f"{vendor} "), kind=kind) for code, name, vendor, kind in rows
    )


def zone_counts(*, pool_code: str, now: datetime) -> tuple[ZoneCount, ...]:
    """How many blocks each zone has, and how many of them a reservation holds now. Two queries."""
    held = holding(now=now).filter(pool__code=pool_code, block__isnull=False).values("block__zone__code")
    by_zone = dict(held.annotate(number=Count("id")).values_list("block__zone__code", "number"))
    zones = Zone.objects.filter(pool__code=pool_code, is_present=True).annotate(number=Count("blocks"))
    return tuple(
        ZoneCount(code=code, blocks=number, held=by_zone.get(code, 0))
        for code, number in zones.order_by("code").values_list("code", "number")
    )


def _racks(filters: MapFilters, now: datetime, limit: int, after: str | None) -> Page[str]:
    found = Rack.objects.filter(pool__code=filters.pool, is_present=True)
    if filters.zone is not None:
        of_zone = Exists(Pru.objects.filter(rack=OuterRef("pk"), zone__code=filters.zone))
        found = found.filter(of_zone | Exists(Host.objects.filter(rack=OuterRef("pk"), zone__code=filters.zone)))
    if filters.narrows:
        found = found.filter(pk__in=_racks_of(filters, now))
    if after is not None:
        found = found.filter(code__gt=after)
    ordered = found.order_by("code").values_list("code", flat=True)
    kept, following = one_more(ordered[: limit + 1], limit=limit, key=str)
    return Page(tuple(kept), following)


def _racks_of(filters: MapFilters, now: datetime) -> "QuerySet[Rack, int]":
    """A host has no device class: it counts only where none is asked for."""
    asked = UnitFilters(pool=filters.pool, zone=filters.zone, device_class=filters.device_class, state=filters.state)
    blocks = matching_blocks(filters=asked, now=now)
    hosts = matching_hosts(filters=asked, now=now)
    if filters.mine is not None:
        own = holding(now=now).filter(reservation__project_id__in=list(filters.mine))
        blocks = blocks.filter(Exists(own.filter(block=OuterRef("pk"))))
        hosts = hosts.filter(Exists(own.filter(host=OuterRef("pk"))))
    holds = Q(prus__blocks__in=blocks) | Q(hosts__fixed_blocks__in=blocks)
    if filters.device_class is None:
        holds |= Q(hosts__in=hosts)
    return Rack.objects.filter(holds).values_list("pk", flat=True)


def _prus(pool_code: str, racks: Collection[str]) -> list[PruRow]:
    found = Pru.objects.filter(pool__code=pool_code, rack__code__in=racks, is_present=True).order_by("code")
    return [
        PruRow(code=code, model=model, rack=rack, zone=zone)
        for code, model, rack, zone in found.values_list("code", "model", "rack__code", "zone__code")
    ]


def _rack(load: RackRow, hosts: Iterable[HostRow], prus: Iterable[PruRow], blocks: Iterable[BlockRow]) -> MapRack:
    own_hosts = tuple(host for host in hosts if host.rack == load.code)
    own_prus = tuple(pru for pru in prus if pru.rack == load.code)
    inside = {*(host.code for host in own_hosts), *(pru.code for pru in own_prus)}
    found: defaultdict[str, list[BlockRow]] = defaultdict(list)
    for block in blocks:
        if block.chassis in inside:
            found[block.chassis].append(block)
    return MapRack(
        load=load, hosts=own_hosts, prus=own_prus, blocks={code: tuple(rows) for code, rows in found.items()}
    )
