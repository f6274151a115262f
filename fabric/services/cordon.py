"""Keep units from new allocations, and let them back. What holds them already is left alone."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from fabric.models import Host, Pool, ResourceBlock
from fabric.services.generation import move_generation
from fabric.services.units import REASON_CHARS_MAX

BY_NAME_CHARS_MAX = 150  # width of the column


@transaction.atomic
def cordon(*, unit: Host | ResourceBlock, reason: str, by_name: str) -> bool:
    """False when it was cordoned already: then the first reason and author stay."""
    columns = {"cordon_reason": reason[:REASON_CHARS_MAX], "cordoned_by": by_name[:BY_NAME_CHARS_MAX]}
    return _turn(unit, seen=False, to=True, **columns)


@transaction.atomic
def uncordon(*, unit: Host | ResourceBlock) -> bool:
    """False when it was not cordoned."""
    return _turn(unit, seen=True, to=False, cordon_reason="", cordoned_by="")


@transaction.atomic
def cordon_all(*, pool: Pool, hosts: Collection[int], blocks: Collection[int], reason: str, by_name: str) -> int:
    """By row ids of that pool; how many were not cordoned already."""
    columns = {"cordon_reason": reason[:REASON_CHARS_MAX], "cordoned_by": by_name[:BY_NAME_CHARS_MAX]}
    return _turn_all(pool, _rows(pool, hosts, blocks, is_cordoned=False), to=True, **columns)


@transaction.atomic
def uncordon_all(*, pool: Pool, hosts: Collection[int], blocks: Collection[int], begins_with: str) -> int:
    """Those whose reason begins so; one that was cordoned for another stays so. How many."""
    mine = _rows(pool, hosts, blocks, is_cordoned=True, cordon_reason__startswith=begins_with)
    return _turn_all(pool, mine, to=False, cordon_reason="", cordoned_by="")


_Rows = tuple["QuerySet[Host]", "QuerySet[ResourceBlock]"]


def _rows(pool: Pool, hosts: Collection[int], blocks: Collection[int], **seen: object) -> _Rows:
    return (
        Host.objects.filter(pool=pool, pk__in=hosts, **seen),
        ResourceBlock.objects.filter(pool=pool, pk__in=blocks, **seen),
    )


def _turn_all(pool: Pool, rows: _Rows, *, to: bool, **columns: str) -> int:
    Pool.objects.select_for_update(no_key=True).get(id=pool.pk)
    changed = sum(some.update(is_cordoned=to, **columns) for some in rows)
    if changed:
        move_generation(pool_ids=[pool.pk])
    return changed


def _turn(unit: Host | ResourceBlock, *, seen: bool, to: bool, **columns: str) -> bool:
    """The pool's row first, because plans made until now may use, or miss, the unit."""
    Pool.objects.select_for_update(no_key=True).get(id=unit.pool_id)
    rows = type(unit)._default_manager.filter(pk=unit.pk, is_cordoned=seen)
    is_changed = bool(rows.update(is_cordoned=to, **columns))
    if is_changed:
        move_generation(pool_ids=[unit.pool_id])
    return is_changed
