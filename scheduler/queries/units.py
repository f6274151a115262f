"""Hosts and blocks as people and programs see them: physical state, or `allocated` when a padded window covers now.

Maintenance changes no state: it is told beside it, as a cordon is.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Exists, Q, QuerySet

from fabric.models import Attachment, Host, ResourceBlock
from fabric.states import BlockState
from scheduler.queries.holders import Holder, block_holders, host_holders, is_block_held, is_host_held
from scheduler.queries.paging import Page, one_more

ALLOCATED = "allocated"  # derived, never stored: free on the fabric, but a padded window covers now
UNIT_STATES = (ALLOCATED, *BlockState)
_KEY_SEPARATOR = "/"
_LARGE = ("pool__policy", "pool__simulation", "device_class__facts", "pru__facts", "fixed_host__facts")
"""What no row says, and what would be read anew for each of them."""

Unit = TypeVar("Unit", Host, ResourceBlock)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFilters:
    """None means: not asked for. `state` is one of UNIT_STATES; hosts have no device class."""

    pool: str | None = None
    state: str | None = None
    device_class: str | None = None
    zone: str | None = None
    chassis: Collection[str] | None = None  # PRUs and fixed systems; blocks only
    racks: Collection[str] | None = None  # hosts only


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRow:
    """`host` is where it is attached, else where it is allocated to; `reservation` only where the asker may see it."""

    code: str
    pool: str
    device_class: str
    device_class_name: str
    kind: str
    chassis: str
    switch: str
    slot_kind: str
    slot: int
    zone: str | None
    state: str
    state_reason: str
    is_cordoned: bool
    cordon_reason: str
    host: str | None
    reservation: str | None
    maintenance_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRow:
    code: str
    pool: str
    model: str
    template: str
    rack: str
    zone: str | None
    is_fixed: bool
    state: str
    state_reason: str
    is_cordoned: bool
    cordon_reason: str
    reservation: str | None
    maintenance_until: datetime | None
    facts: dict[str, Any]


def block_page(
    *, filters: UnitFilters, project_ids: Collection[int] | None, now: datetime, limit: int, after: str | None = None
) -> Page[BlockRow]:
    """By pool and code, three queries. `project_ids` (None: all) are those whose reservations the asker may see."""
    found = matching_blocks(filters=filters, now=now).select_related(
        "pool", "device_class", "pru", "fixed_host", "zone"
    )
    found = found.defer(*_LARGE)
    kept, following = _page(found, limit, after)
    ids = [block.id for block in kept]
    holders = block_holders(ids=ids, now=now)
    attached = dict(
        Attachment.objects.filter(block_id__in=ids, until__isnull=True).values_list("block_id", "host__code")
    )
    rows = (_block_row(block, holders.get(block.id), attached.get(block.id), project_ids) for block in kept)
    return Page(tuple(rows), following)


def host_page(
    *, filters: UnitFilters, project_ids: Collection[int] | None, now: datetime, limit: int, after: str | None = None
) -> Page[HostRow]:
    """By pool and code, two queries."""
    found = matching_hosts(filters=filters, now=now).select_related("pool", "rack", "zone")
    kept, following = _page(found, limit, after)
    holders = host_holders(ids=[host.id for host in kept], now=now)
    return Page(tuple(_host_row(host, holders.get(host.id), project_ids) for host in kept), following)


def matching_blocks(*, filters: UnitFilters, now: datetime) -> "QuerySet[ResourceBlock]":
    """No query yet: what `block_page` counts as matching, for those who group it otherwise."""
    found = _narrowed(ResourceBlock.objects.all(), filters, is_held=is_block_held(now=now))
    if filters.device_class is not None:
        found = found.filter(device_class__code=filters.device_class)
    if filters.chassis is not None:
        wanted = list(filters.chassis)
        found = found.filter(Q(pru__code__in=wanted) | Q(fixed_host__code__in=wanted))
    return found


def matching_hosts(*, filters: UnitFilters, now: datetime) -> "QuerySet[Host]":
    """No query yet: what `host_page` counts as matching."""
    found = _narrowed(Host.objects.all(), filters, is_held=is_host_held(now=now))
    return found if filters.racks is None else found.filter(rack__code__in=list(filters.racks))


def _narrowed(found: "QuerySet[Unit]", filters: UnitFilters, *, is_held: Exists) -> "QuerySet[Unit]":
    """By what hosts and blocks have in common."""
    if filters.pool is not None:
        found = found.filter(pool__code=filters.pool)
    if filters.zone is not None:
        found = found.filter(zone__code=filters.zone)
    if filters.state == ALLOCATED:
        return found.filter(is_held, state=BlockState.FREE)
    if filters.state == BlockState.FREE:
        return found.filter(~is_held, state=BlockState.FREE)
    return found if filters.state is None else found.filter(state=filters.state)


def _page(found: "QuerySet[Unit]", limit: int, after: str | None) -> tuple[list[Unit], str | None]:
    if after is not None:
        pool, _, code = after.partition(_KEY_SEPARATOR)
        found = found.filter(Q(pool__code__gt=pool) | Q(pool__code=pool, code__gt=code))
    ordered = found.order_by("pool__code", "code")[: limit + 1]
    return one_more(ordered, limit=limit, key=lambda unit: f"{unit.pool.code}{_KEY_SEPARATOR}{unit.code}")


def _block_row(
    block: ResourceBlock, holder: Holder | None, attached_to: str | None, project_ids: Collection[int] | None
) -> BlockRow:
    chassis = block.pru or block.fixed_host
    assert chassis is not None, "the database keeps each block in one chassis"
    return BlockRow(
        code=block.code,
        pool=block.pool.code,
        device_class=block.device_class.code,
        device_class_name=block.device_class.name,
        kind=block.device_class.kind,
        chassis=chassis.code,
        switch=block.switch,
        slot_kind=block.slot_kind,
        slot=block.slot,
        zone=block.zone.code if block.zone else None,
        state=_state(block, holder),
        state_reason=block.state_reason,
        is_cordoned=block.is_cordoned,
        cordon_reason=block.cordon_reason,
        host=attached_to or (holder.host if holder else None) or (block.fixed_host.code if block.fixed_host else None),
        reservation=_visible(holder, project_ids),
        maintenance_until=holder.until if holder else None,
    )


def _host_row(host: Host, holder: Holder | None, project_ids: Collection[int] | None) -> HostRow:
    return HostRow(
        code=host.code,
        pool=host.pool.code,
        model=host.model,
        template=host.template,
        rack=host.rack.code,
        zone=host.zone.code if host.zone else None,
        is_fixed=host.is_fixed,
        state=_state(host, holder),
        state_reason=host.state_reason,
        is_cordoned=host.is_cordoned,
        cordon_reason=host.cordon_reason,
        reservation=_visible(holder, project_ids),
        maintenance_until=holder.until if holder else None,
        facts=host.facts,
    )


def _state(unit: Host | ResourceBlock, holder: Holder | None) -> str:
    is_held = holder is not None and holder.reservation is not None
    return ALLOCATED if is_held and unit.state == BlockState.FREE else unit.state


def _visible(holder: Holder | None, project_ids: Collection[int] | None) -> str | None:
    if holder is None or (project_ids is not None and holder.project_id not in project_ids):
        return None
    return holder.reservation
