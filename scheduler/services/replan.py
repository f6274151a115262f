"""Units are gone: whoever was to have them and has not begun gets another plan for the same window, or is told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q

from fabric.models import Pool
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Allocation, JournalEntry, Reservation
from scheduler.planning.index import PoolIndex
from scheduler.planning.replanning import Key, WhyNot
from scheduler.planning.snapshot import QuotaFacts
from scheduler.queries.availability import NO_PROJECT
from scheduler.queries.movables import MOVABLE_STATES
from scheduler.queries.snapshots import snapshot, snapshot_of
from scheduler.refusals import Alternative, Refusal
from scheduler.requests import SYSTEM, Actor
from scheduler.services._commit import lock_pool, take_footing, write_moves
from scheduler.services._making_room import made_room
from scheduler.services._moving import write_plan
from scheduler.services._rechecking import after_moves
from scheduler.services._replanning import Found, plan_anew
from scheduler.services._tries import with_tries

BATCH_MAX = 50  # reservations planned and written together
UNITS_NAMED_MAX = 5  # in one sentence
PINNED = " It was pinned: that keeps it from making room for others, but cannot keep what is gone."


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """It keeps the plan it has; what could be booked instead is for its people to decide."""

    reservation: str  # code
    refusals: tuple[Refusal, ...]
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replanned:
    """Codes of the reservations that moved, and those that could not, both in the order in which they begin."""

    moved: tuple[str, ...] = ()
    stuck: tuple[Stuck, ...] = ()


def replan(
    *,
    pool: Pool,
    units: Collection[Key],
    reason: str,
    by: Actor,
    now: datetime,
    during: tuple[datetime, datetime] | None = None,
    among: Collection[str] | None = None,
) -> Replanned:
    """Call it outside a transaction, once the units cannot be planned with any more; calling it again is harmless.

    `units` are (is it a host, code); `reason` says what became of them, in words that everybody may read, such as
    "gpu-017 failed". The earliest start chooses first. Pinned ones move too: a pin is a wish about making room, and
    what is gone is gone. Who could not move is told once for the same units, and tried again when this is called
    again; `among` are the codes of those who are asked, if not all are. Others that have not begun may be moved to make
    room, as for a new request. Raises Refused (POOL_BUSY) when every try lost its race.
    """
    gone = frozenset(units)
    codes = [row.code for row in _affected(pool, gone, during, among)]
    moved: list[str] = []
    stuck: list[Stuck] = []
    for at in range(0, len(codes), BATCH_MAX):
        some = codes[at : at + BATCH_MAX]
        found = with_tries(partial(_one_batch, pool, some, gone, reason, by, now, during))
        moved += [one.reservation.code for one in found.moved]
        stuck += [_stuck(row, found.reasons.get(row.code)) for row in found.left]
        for row in found.left:
            _tell(row, gone, found.reasons.get(row.code), reason, by, now)
    return Replanned(moved=tuple(moved), stuck=tuple(stuck))


def _affected(
    pool: Pool, gone: Collection[Key], during: tuple[datetime, datetime] | None, codes: Collection[str] | None = None
) -> list[Reservation]:
    """Those too that hold them no more, since a fabric picked them for another node."""
    rows = Reservation.objects.filter(pool=pool, state__in=MOVABLE_STATES)
    if codes is not None:
        rows = rows.filter(code__in=codes)
    held = Allocation.objects.filter(_of(gone), pool=pool, reservation__in=rows)
    if during is not None:
        held = held.filter(during__overlap=during)
    found = Reservation.objects.filter(pk__in=held.values("reservation_id"))
    return list(found.select_related("project", "pool").order_by("busy_from", "code"))


def _of(units: Collection[Key]) -> Q:
    hosts = [code for is_host, code in units if is_host]
    blocks = [code for is_host, code in units if not is_host]
    return Q(host__code__in=hosts) | Q(block__code__in=blocks)


def _one_batch(
    pool: Pool,
    codes: Sequence[str],
    gone: Collection[Key],
    reason: str,
    by: Actor,
    now: datetime,
    during: tuple[datetime, datetime] | None,
) -> Found:
    """Read anew by every try, so that who has begun, moved or ended meanwhile drops out."""
    seen = snapshot(pool_code=pool.code, project_slug=NO_PROJECT, now=now, priority=None)
    rows = _affected(pool, gone, during, codes)
    found = plan_anew(rows=rows, gone=gone, index=PoolIndex(seen), may_move_others=True)
    if found.moved:
        _write(pool, found, seen.generation, reason, by, now)
    return found


@transaction.atomic
def _write(pool: Pool, found: Found, planned_at: int, reason: str, by: Actor, now: datetime) -> None:
    footing = take_footing(pool=pool)
    seen = snapshot_of(board=footing.board, quota=QuotaFacts(NO_PROJECT), now=now, priority=None)
    if footing.board.generation != planned_at:
        after_moves(seen=seen, moved=[*found.making_room, *found.moved])
    write = partial(write_plan, topology=seen.topology, rates=seen.rates, now=now)
    for one in found.making_room:
        write(one, words=made_room, by=SYSTEM, is_pinned=False, busy_from__gt=now)
    for one in found.moved:
        words = partial(_sentence, reason, one.reservation.is_pinned)
        write(one, words=words, by=by)
    write_moves(moved=[*found.making_room, *found.moved], footing=footing)


def _sentence(reason: str, is_pinned: bool, changes: str) -> str:
    return f"Moved within its window, because {reason}: {changes}.{PINNED if is_pinned else ''}"


def _stuck(row: Reservation, why: WhyNot | None) -> Stuck:
    return Stuck(
        reservation=row.code,
        refusals=why.refusals if why else (),
        alternatives=why.alternatives if why else (),
    )


@transaction.atomic
def _tell(row: Reservation, gone: Collection[Key], why: WhyNot | None, reason: str, by: Actor, now: datetime) -> None:
    """Its people by a notice, operators by the journal; not again for the same units."""
    lock_pool(pool_id=row.pool_id)
    row.refresh_from_db()
    lost = _lost(row, gone)
    told = JournalEntry.objects.filter(reservation=row, kind=JournalKind.RESERVATION_STRANDED).order_by("-id").first()
    if row.state not in MOVABLE_STATES or not lost or (told is not None and told.facts.get("units") == lost):
        return
    journal.record(
        kind=JournalKind.RESERVATION_STRANDED,
        message=_stranded(lost, why, reason),
        by=by,
        now=now,
        reservation=row,
        facts={"units": lost, **(_reasons(why) if why else {})},
    )


def _lost(row: Reservation, gone: Collection[Key]) -> list[str]:
    nodes = row.plan["nodes"]
    held = {(True, node["host"]) for node in nodes} | {(False, code) for node in nodes for code in node["blocks"]}
    return sorted(code for _, code in held & set(gone))


def _stranded(lost: Sequence[str], why: WhyNot | None, reason: str) -> str:
    named = ", ".join(lost[:UNITS_NAMED_MAX]) + (" and others" if len(lost) > UNITS_NAMED_MAX else "")
    because = f" {why.refusals[0].message}" if why else ""
    instead = f" It would fit so: {why.alternatives[0].message}" if why and why.alternatives else ""
    return f"It cannot have {named}, because {reason}, and no other plan fits its window.{because}{instead}"


def _reasons(why: WhyNot) -> dict[str, object]:
    return {
        "refusals": [{"code": one.code, "field": one.field, "message": one.message} for one in why.refusals],
        "alternatives": [
            {
                "kind": one.kind,
                "message": one.message,
                "starts_at": one.starts_at.isoformat() if one.starts_at else None,
                "ends_at": one.ends_at.isoformat() if one.ends_at else None,
            }
            for one in why.alternatives
        ],
    }
