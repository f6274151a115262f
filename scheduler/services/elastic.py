"""Elastic groups: set their bounds, follow their profiles, and give back in time what is promised to another."""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import DateTimeField, F, Func, OuterRef, QuerySet, Subquery

from scheduler import journal, limits
from scheduler.elastic_parsing import elastic_from_wire, elastic_to_wire, parse_elastic
from scheduler.journal_kinds import JournalKind
from scheduler.models import Allocation, Reservation
from scheduler.planning.admission import fits
from scheduler.planning.elastic import wanted_nodes
from scheduler.planning.plan import plan_from_wire
from scheduler.planning.shortening import clean_up
from scheduler.planning.snapshot import QuotaFacts
from scheduler.queries.boards import board
from scheduler.queries.giving_back import given_back_from
from scheduler.queries.snapshots import snapshot_of
from scheduler.reading import Reader
from scheduler.refusals import FieldError, Invalid, Refused, WrongState
from scheduler.requests import SYSTEM, Actor, Elastic
from scheduler.resize_parsing import ResizeWish
from scheduler.services._commit import hold_nodes_on, lock_pool, take_footing
from scheduler.services._maintaining import plan_as_held
from scheduler.services._moves import require_open, require_version
from scheduler.services._standing import request_of
from scheduler.services._tries import Overtaken, tried
from scheduler.services.resize import resize
from scheduler.states import EXTENDABLE, ReservationState

OPEN = EXTENDABLE | {ReservationState.HELD}
APPLIED = "applied"  # beside the bounds of a role: the count that its profile was last followed with
_UPPER = Func(F("during"), function="upper", output_field=DateTimeField())
_log = logging.getLogger(__name__)


@tried
@transaction.atomic
def set_elastic(
    *,
    reservation: Reservation,
    elastic: object,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Reservation:
    """`elastic` as it is sent with a booking; empty: none of its groups. Nothing is composed or given back by this.

    Raises Invalid, WrongState, Stale.
    """
    reservation.refresh_from_db()
    wanted = read_elastic(reservation=reservation, elastic=elastic)
    if elastic_from_wire(reservation.elastic) == wanted:
        return reservation
    require_version(reservation, expected_version)
    require_changeable(reservation=reservation, now=now)
    wire = elastic_to_wire(wanted)
    mine = Reservation.objects.filter(pk=reservation.pk, state=reservation.state, version=reservation.version)
    request = {**reservation.request, "elastic": wire}
    if not mine.update(elastic=wire, request=request, version=F("version") + 1, updated_at=now):
        raise Overtaken
    reservation.refresh_from_db()
    kind, facts = JournalKind.ELASTIC_SET, {"elastic": wire}
    journal.record(kind=kind, message=in_words(wanted), by=by, now=now, reservation=reservation, facts=facts)
    return reservation


def read_elastic(*, reservation: Reservation, elastic: object) -> dict[str, Elastic]:
    """Raises Invalid with all field errors."""
    asked, reader = request_of(reservation=reservation), Reader()
    if asked is None:
        message = "What it was booked with can no longer be read, as a class has left the catalogue; book it anew."
        raise Invalid([FieldError("elastic", "invalid", message)])
    found = parse_elastic(reader, elastic, mix=asked.mix)
    if reader.errors:
        raise Invalid(reader.errors)
    return found


def require_changeable(*, reservation: Reservation, now: datetime) -> None:
    require_open(reservation, "elastic", among=OPEN, now=now)


def in_words(elastic: Mapping[str, Elastic]) -> str:
    if not elastic:
        return "None of its groups is elastic."
    bounds = (f"“{role}” has {one.floor} to {one.ceiling} nodes" for role, one in sorted(elastic.items()))
    return f"Elastic: {', '.join(bounds)}. The floor is promised; what is above it is given back first."


def give_back_due(*, now: datetime) -> int:
    """Nodes that are promised to another from some moment on, so early that they are clean by then; those first that
    are promised soonest.
    """
    rows = _active().filter(ends_at__gt=now, plan__change__isnull=True)
    held = Allocation.objects.filter(reservation=OuterRef("pk"), is_holding=True, host__isnull=False)
    ends = held.annotate(end=_UPPER).order_by("end").values("end")[:1]
    due = rows.annotate(gives_at=Subquery(ends)).filter(
        gives_at__lt=F("busy_until"), gives_at__lte=now + (F("busy_until") - F("ends_at"))
    )
    first = due.order_by("gives_at", "id")[: limits.ADVANCE_BATCH_MAX]
    return sum(_safely(_give_back, one, now) for one in first)


def follow_profiles(*, now: datetime) -> int:
    """Grow and shrink by the weekday profiles, when they turn; what could not be had is tried again."""
    return sum(_safely(_follow, one, now) for one in _paged(_active()))


def _active() -> QuerySet[Reservation]:
    found = Reservation.objects.filter(state=ReservationState.ACTIVE, preempt_at__isnull=True).exclude(elastic={})
    return found.select_related("pool", "project")


def _paged(found: QuerySet[Reservation]) -> Iterator[Reservation]:
    """All of them, some at a time: each is read shortly before it is looked at."""
    last = 0
    while rows := list(found.filter(pk__gt=last).order_by("pk")[: limits.ADVANCE_BATCH_MAX]):
        yield from rows
        last = rows[-1].pk


def _safely(act: Any, one: Reservation, now: datetime) -> int:
    """One that fails is logged and tried again; it keeps nobody waiting. A refusal is for the next time."""
    try:
        return int(one.ends_at > now and not one.plan.get("change") and act(one, now))
    except (Refused, WrongState, Invalid):
        return 0
    except Exception:
        _log.exception("elastic groups of %s could not be looked at", one.code)
        return 0


def _give_back(one: Reservation, now: datetime) -> bool:
    lead = clean_up(plan_as_held(one))
    due = {node for node, until in given_back_from(reservation=one).items() if until - lead <= now}
    if not due or _kept(one, due, now):
        return False
    nodes = plan_from_wire(one.plan).nodes
    left, gone = Counter(node.role for node in nodes), Counter(node.role for node in nodes if node.index in due)
    counts = tuple((role, left[role] - count) for role, count in sorted(gone.items()))
    resize(reservation=one, wish=ResizeWish(changes={}, counts=counts), by=SYSTEM, now=now)
    return True


@transaction.atomic
def _kept(one: Reservation, due: Collection[int], now: datetime) -> bool:
    """Where who needed them has been withdrawn since, they stay. Only then is the pool's generation moved."""
    lock_pool(pool_id=one.pool_id)
    one.refresh_from_db()
    plan = plan_as_held(one)
    nodes = tuple(node for node in plan.nodes if node.index in due)
    seen = snapshot_of(board=board(pool_code=one.pool.code), quota=QuotaFacts(one.project.slug), now=now)
    held = replace(plan, nodes=nodes, busy_from=now)
    if one.state != ReservationState.ACTIVE or fits(plan=held, snapshot=seen, reservation=one.code):
        return False
    footing = take_footing(pool=one.pool)
    hold_nodes_on(reservation=one, nodes=due, until=one.busy_until, footing=footing)
    return True


def _follow(one: Reservation, now: datetime) -> bool:
    """As many as can be had; a profile that has been followed is left alone until it turns."""
    zone, has = ZoneInfo(one.pool.time_zone), Counter(node["role"] for node in one.plan["nodes"])
    for role, bounds in elastic_from_wire(one.elastic).items():
        wanted = wanted_nodes(elastic=bounds, at=now, zone=zone)
        if wanted is None or one.elastic[role].get(APPLIED) == wanted:
            continue
        if wanted == has[role]:
            _note(one, role, wanted)
            continue
        steps = range(wanted, has[role], -1) if wanted > has[role] else (wanted,)
        if _resized(one, role, steps, now):
            return True  # the other roles when this change is done
    return False


def _resized(one: Reservation, role: str, steps: Iterable[int], now: datetime) -> bool:
    """To the first count that can be had; where that is in doubt it is left for the next time."""
    for count in steps:
        try:
            resize(reservation=one, wish=ResizeWish(changes={}, counts=((role, count),)), by=SYSTEM, now=now)
        except Refused as refused:
            if not refused.is_proven:
                return False
        else:
            return True
    return False


def _note(one: Reservation, role: str, wanted: int) -> None:
    elastic = {**one.elastic, role: {**one.elastic[role], APPLIED: wanted}}
    Reservation.objects.filter(pk=one.pk, elastic=one.elastic).update(elastic=elastic)
    one.elastic = elastic
