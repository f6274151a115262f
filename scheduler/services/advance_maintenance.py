"""What time alone makes of maintenance: it begins, and it is over. Safe to run twice, late, or from two processes."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError, transaction
from django.db.models import Q

from fabric.models import Host, ResourceBlock
from fabric.states import UNUSABLE
from scheduler.journal_kinds import JournalKind
from scheduler.models import Allocation, Maintenance
from scheduler.requests import SYSTEM
from scheduler.services._commit import free_maintenance, lock_pool
from scheduler.services._maintaining import named
from scheduler.services._maintenance_entries import name_of, record
from scheduler.states import LIVE

_log = logging.getLogger(__name__)


def advance_maintenance(*, now: datetime) -> int:
    """What time alone makes of them, ends before beginnings, one transaction each; how many. Safe to run twice."""
    open_ones = Maintenance.objects.filter(finished_at__isnull=True)
    ending = open_ones.filter(ends_at__lte=now)
    beginning = open_ones.filter(begun_at__isnull=True, starts_at__lte=now, ends_at__gt=now)
    ended = sum(_tried(_end, one, now) for one in ending.select_related("pool").order_by("ends_at", "id"))
    return ended + sum(_tried(_begin, one, now) for one in beginning.select_related("pool").order_by("starts_at", "id"))


def _tried(act: Callable[[Maintenance, datetime], bool], one: Maintenance, now: datetime) -> bool:
    """One that fails does not keep the others waiting; it is tried again by the next call."""
    try:
        return act(one, now)
    except DatabaseError:
        _log.warning("%s could not be advanced; it stays due", one.code, exc_info=True)
        return False


@transaction.atomic
def _begin(one: Maintenance, now: datetime) -> bool:
    """What a release still holds stays its own until it is proven free; it is told which units those are."""
    lock_pool(pool_id=one.pool_id)
    changed = Maintenance.objects.filter(pk=one.pk, begun_at__isnull=True, finished_at__isnull=True).update(
        begun_at=now
    )
    if changed:
        late = _still_held(one)
        waits = f" Not given back yet by who had them before: {named(late)}." if late else ""
        message = f"Maintenance of {name_of(one)} has begun.{waits}"
        record(JournalKind.MAINTENANCE_BEGUN, one, message, SYSTEM, now, {"late": late})
    return bool(changed)


def _still_held(one: Maintenance) -> list[str]:
    mine = one.allocations.filter(is_holding=True)
    others = Allocation.objects.filter(pool_id=one.pool_id, is_holding=True, reservation__state__in=sorted(LIVE))
    over = others.filter(during__fully_lt=(one.starts_at, one.ends_at))
    late = over.filter(Q(host__in=mine.values("host")) | Q(block__in=mine.values("block")))
    return sorted({host or block for host, block in late.values_list("host__code", "block__code")})


@transaction.atomic
def _end(one: Maintenance, now: datetime) -> bool:
    """Its units can be booked again, but for those that are quarantined, missing or cordoned: they stay so."""
    lock_pool(pool_id=one.pool_id)
    changed = Maintenance.objects.filter(pk=one.pk, finished_at__isnull=True).update(finished_at=now)
    if changed:
        unfit = _unfit(one)
        free_maintenance(maintenance=one, now=now)
        words = f" Still out of service: {named(unfit)}." if unfit else ""
        message = f"Maintenance of {name_of(one)} is over.{words}"
        record(JournalKind.MAINTENANCE_ENDED, one, message, SYSTEM, now, {"unfit": unfit})
    return bool(changed)


def _unfit(one: Maintenance) -> list[str]:
    mine = one.allocations.filter(is_holding=True)
    found = [
        kind.objects.filter(pk__in=mine.values(field)).filter(Q(state__in=sorted(UNUSABLE)) | Q(is_cordoned=True))
        for kind, field in ((Host, "host"), (ResourceBlock, "block"))
    ]
    return sorted(code for rows in found for code in rows.values_list("code", flat=True))
