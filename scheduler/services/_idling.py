"""What becomes of a reservation whose devices are idle: told, then given back or made smaller. One transaction each.

Whoever checks in, extends or changes it shows that it is needed; it is as if a device had been busy then. So does who
hands it over: nothing is taken from its new people that they were not told of themselves.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import JournalEntry, Reservation
from scheduler.planning.idling import SILENT, IdleAction, IdleRule, Verdict, idle_rule, idle_since, verdict
from scheduler.planning.sentences import in_utc
from scheduler.queries.telemetry import accelerators_of, seen_of
from scheduler.refusals import Invalid, Refused, Stale, WrongState
from scheduler.requests import SYSTEM
from scheduler.resize_parsing import ResizeWish
from scheduler.services._commit import lock_pool
from scheduler.services._releasing import begin_release
from scheduler.services._unclaimed import SIGNS_OF_LIFE
from scheduler.services.resize import resize
from scheduler.states import ReservationState

_SIGNS = (*SIGNS_OF_LIFE, JournalKind.RESERVATION_CHECKED_IN, JournalKind.RESERVATION_HANDED_OVER)
_log = logging.getLogger(__name__)


def look_for_idle(*, now: datetime) -> int:
    """All that are in use in pools that say what is to be done; how many were told or taken. Two queries a pool."""
    active = Reservation.objects.filter(state=ReservationState.ACTIVE, ends_at__gt=now, pool__policy__has_key="idle")
    by_pool: dict[int, list[Reservation]] = {}
    for reservation in active.select_related("pool", "project").order_by("id"):
        by_pool.setdefault(reservation.pool_id, []).append(reservation)
    return sum(_look(reservations, now) for reservations in by_pool.values())


def _look(reservations: Sequence[Reservation], now: datetime) -> int:
    rule = idle_rule(reservations[0].pool.policy)
    if rule is None:
        return 0
    found = _idle_since(reservations, rule, now)
    count = 0
    for reservation in reservations:
        try:
            count += _settle(reservation, rule, found[reservation.pk], now)
        except Exception:
            _log.exception("reservation %s could not be looked at; in a minute again", reservation.code)
    return count


def _idle_since(reservations: Sequence[Reservation], rule: IdleRule, now: datetime) -> Mapping[int, datetime | None]:
    blocks = accelerators_of([one.code for one in reservations])
    earliest = min([now - SILENT, *(one.idle_since for one in reservations if one.idle_since)])
    seen = seen_of(blocks={pk for found in blocks.values() for pk in found}, since=earliest, percent=rule.percent)
    return {
        one.pk: idle_since(
            seen=[seen.get(pk) for pk in blocks.get(one.code, ())],
            before=one.idle_since,
            active_at=one.active_at or one.starts_at,
            now=now,
        )
        for one in reservations
    }


def _settle(reservation: Reservation, rule: IdleRule, since: datetime | None, now: datetime) -> bool:
    """Busy again since it was told: it is as if it never had been."""
    warned_at = reservation.idle_warned_at
    if since is None or (reservation.idle_since and since > reservation.idle_since):
        warned_at = None
    if (since, warned_at) != (reservation.idle_since, reservation.idle_warned_at):
        mine = Reservation.objects.filter(pk=reservation.pk, idle_since=reservation.idle_since)
        mine.update(idle_since=since, idle_warned_at=warned_at)
    if verdict(rule=rule, since=since, warned_at=warned_at, now=now) == Verdict.KEEP or since is None:
        return False
    if (signed := _signed_at(reservation, since)) is not None:
        Reservation.objects.filter(pk=reservation.pk).update(idle_since=signed, idle_warned_at=None)
        return False
    if warned_at is None:
        return _warn(reservation, rule, since, now)
    if rule.action == IdleAction.SHRINK:
        return _shrink(reservation, rule, since, now)
    return _release(reservation, rule, since, now)


def _signed_at(reservation: Reservation, since: datetime) -> datetime | None:
    signs = JournalEntry.objects.filter(reservation=reservation, kind__in=_SIGNS, at__gt=since).exclude(actor=None)
    signed: datetime | None = signs.aggregate(last=Max("at"))["last"]
    return signed


@transaction.atomic
def _warn(reservation: Reservation, rule: IdleRule, since: datetime, now: datetime) -> bool:
    mine = Reservation.objects.filter(pk=reservation.pk, state=ReservationState.ACTIVE, idle_warned_at__isnull=True)
    if not mine.update(idle_warned_at=now):
        return False
    at = now + timedelta(minutes=rule.release_minutes)
    threat = {
        IdleAction.WARN: "Give it back if you need it no more.",
        IdleAction.SHRINK: f"Unless one is by {in_utc(at)}, or you check in, it is made smaller.",
        IdleAction.RELEASE: f"Unless one is by {in_utc(at)}, or you check in, it is given back.",
    }[rule.action]
    _tell(reservation, JournalKind.RESERVATION_IDLE, f"{_since(since)} {threat}", since, now)
    return True


@transaction.atomic
def _is_still_idle(reservation: Reservation, rule: IdleRule, since: datetime, now: datetime) -> bool:
    """Under the pool's lock, look again: who held it may have extended this one, and was told that it stays theirs."""
    lock_pool(pool_id=reservation.pool_id)
    reservation.refresh_from_db()
    if reservation.state != ReservationState.ACTIVE or reservation.idle_warned_at is None:
        return False
    found = _idle_since([reservation], rule, now)[reservation.pk]
    return found is not None and found <= since and _signed_at(reservation, since) is None


@transaction.atomic
def _release(reservation: Reservation, rule: IdleRule, since: datetime, now: datetime) -> bool:
    if not _is_still_idle(reservation, rule, since, now):
        return False
    return begin_release(
        reservation=reservation,
        intent=ReservationState.ENDED,
        reason=f"{_since(since)} It is given back.",
        by=SYSTEM,
        now=now,
        facts={"idle_since": since.isoformat()},
    )


def _shrink(reservation: Reservation, rule: IdleRule, since: datetime, now: datetime) -> bool:
    """To the floor of each group, or one node where it has none. What cannot be made smaller stays as it is.

    A resize takes its own locks, the quota's first: what comes between this look and that is told by the version.
    """
    groups = reservation.request.get("mix") or []
    counts = {group.get("role") or "": int(group.get("nodes") or 1) for group in groups}
    floors = {role: int(reservation.elastic.get(role, {}).get("floor", 1)) for role in counts}
    wanted = tuple((role, floors[role]) for role, nodes in counts.items() if nodes > floors[role])
    version, wish = reservation.version, ResizeWish(changes={}, counts=wanted)
    if not wanted or not _is_still_idle(reservation, rule, since, now):
        return False
    try:
        resize(reservation=reservation, wish=wish, by=SYSTEM, now=now, expected_version=version)
    except (Invalid, Refused, Stale, WrongState) as error:
        _log.info("idle reservation %s stays as large as it is: %s", reservation.code, error)
        return False
    with transaction.atomic():
        Reservation.objects.filter(pk=reservation.pk).update(idle_since=None, idle_warned_at=None)
        to = ", ".join(f"{role or 'nodes'} to {nodes}" for role, nodes in wanted)
        _tell(reservation, JournalKind.RESERVATION_SHRUNK, f"{_since(since)} Made smaller: {to}.", since, now)
    return True


def _since(since: datetime) -> str:
    return f"No device of it was busy since {in_utc(since)}."


def _tell(reservation: Reservation, kind: JournalKind, message: str, since: datetime, now: datetime) -> None:
    facts = {"idle_since": since.isoformat()}
    journal.record(kind=kind, message=message, by=SYSTEM, now=now, reservation=reservation, facts=facts)
