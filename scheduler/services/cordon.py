"""Take units out of new plans, or put them back; what holds them already is left alone, and named."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from fabric.models import Host, Pool, ResourceBlock
from fabric.services import cordon as fabric_cordon
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Allocation, Reservation
from scheduler.queries.scopes import Key, ScopeUnits, scope_units
from scheduler.requests import Actor
from scheduler.states import HOLDING, MaintenanceScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Cordoned:
    """`changed` units of the scope are cordoned now and were not before. `affected` are the reservations that hold, or
    are to have, any of its units, in the order in which they begin: `replan` with these `units` moves those of them
    that have not begun, if that is wanted.
    """

    changed: int
    units: frozenset[Key]
    affected: tuple[Reservation, ...]


@transaction.atomic
def cordon(*, unit: Host | ResourceBlock, by: Actor, now: datetime, reason: str) -> bool:
    """False, and no entry, when it was cordoned already."""
    changed = fabric_cordon.cordon(unit=unit, reason=reason, by_name=by.name)
    if changed:
        _record(JournalKind.UNIT_CORDONED, unit, by, now, f"{unit.code} takes no new reservations: {reason}")
    return changed


@transaction.atomic
def uncordon(*, unit: Host | ResourceBlock, by: Actor, now: datetime, reason: str = "") -> bool:
    changed = fabric_cordon.uncordon(unit=unit)
    if changed:
        _record(JournalKind.UNIT_UNCORDONED, unit, by, now, f"{unit.code} takes reservations again{_because(reason)}")
    return changed


@transaction.atomic
def cordon_scope(
    *, pool: Pool, scope: MaintenanceScope, target: str, by: Actor, now: datetime, reason: str
) -> Cordoned:
    """At once, everything of a block, host, PRU, rack or zone; no entry where nothing changed.

    What is cordoned already keeps its first reason. Raises Invalid where the pool has no such thing.
    """
    units = scope_units(pool=pool, scope=scope, target=target)
    changed = fabric_cordon.cordon_all(
        pool=pool,
        hosts=units.rows(is_host=True),
        blocks=units.rows(is_host=False),
        reason=_as_kept(units, reason),
        by_name=by.name,
    )
    if changed:
        message = f"{units.label} takes no new reservations ({_count(changed)}): {reason}"
        _record_all(JournalKind.UNIT_CORDONED, pool, target, by, now, message, reason)
    return Cordoned(changed=changed, units=units.keys, affected=_holders(pool, units))


@transaction.atomic
def uncordon_scope(
    *, pool: Pool, scope: MaintenanceScope, target: str, by: Actor, now: datetime, reason: str = ""
) -> int:
    """How many units take reservations again: those that were cordoned together with it, whatever the reason given.

    A unit of it that was cordoned by itself, or with something else, stays so until that is ended.
    """
    units = scope_units(pool=pool, scope=scope, target=target)
    changed = fabric_cordon.uncordon_all(
        pool=pool,
        hosts=units.rows(is_host=True),
        blocks=units.rows(is_host=False),
        begins_with=_as_kept(units, ""),
    )
    if changed:
        message = f"{units.label} takes reservations again ({_count(changed)}){_because(reason)}"
        _record_all(JournalKind.UNIT_UNCORDONED, pool, target, by, now, message, reason)
    return changed


def _as_kept(units: ScopeUnits, reason: str) -> str:
    """What is cordoned together is known again by how its reason begins; a unit alone by nothing but its reason."""
    return f"{units.label}: {reason}"


def _because(reason: str) -> str:
    return f": {reason}" if reason else "."


def _count(number: int) -> str:
    return f"{number:,} unit{'s'[: number != 1]}"


def _holders(pool: Pool, units: ScopeUnits) -> tuple[Reservation, ...]:
    held = Allocation.objects.filter(pool=pool, is_holding=True, reservation__state__in=sorted(HOLDING))
    mine = held.filter(Q(host__in=units.rows(is_host=True)) | Q(block__in=units.rows(is_host=False)))
    found = Reservation.objects.filter(pk__in=mine.values("reservation"))
    return tuple(found.select_related("project", "pool").order_by("busy_from", "code"))


def _record(kind: JournalKind, unit: Host | ResourceBlock, by: Actor, now: datetime, message: str) -> None:
    journal.record(kind=kind, message=message, by=by, now=now, pool=unit.pool, reference=unit.code)


def _record_all(
    kind: JournalKind, pool: Pool, target: str, by: Actor, now: datetime, message: str, reason: str
) -> None:
    facts = {"reason": reason} if reason else {}
    journal.record(kind=kind, message=message, by=by, now=now, pool=pool, reference=target, facts=facts)
