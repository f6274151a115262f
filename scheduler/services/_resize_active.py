"""Another mix for one in use: hold all that comes, write down what is to be, and begin with what is added."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from fabric.models import Composition
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Operation, Reservation
from scheduler.planning.admission import is_beyond_quota
from scheduler.planning.plan import Plan
from scheduler.planning.recutting import Recut, against, recut
from scheduler.planning.replacing import Standing
from scheduler.planning.snapshot import QuotaFacts
from scheduler.queries.boards import Board, board
from scheduler.queries.giving_back import given_back_from
from scheduler.queries.quota_facts import quota_of
from scheduler.queries.snapshots import snapshot_of
from scheduler.refusals import Refusal, RefusalCode, Refused
from scheduler.requests import Actor, ReservationRequest
from scheduler.services._carrying_on import carry_on
from scheduler.services._changing import begin_change, can_change, node_in_use
from scheduler.services._commit import Footing, add_allocations, stretch_allocations, take_footing_under_quota
from scheduler.services._nearing import tell_if_near
from scheduler.services._resize_consent import require_consent
from scheduler.services._resize_words import nodes_in_words, told_of
from scheduler.services._rewriting import write_plan_of
from scheduler.services._standing import standing_of
from scheduler.services._starting import open_node
from scheduler.services._tries import Overtaken
from scheduler.states import OPEN_OPERATIONS, Priority, ReservationState

GROWS = "The mix is changed: devices come."


def looked_at(
    *, reservation: Reservation, asked: ReservationRequest, by: Actor | None, now: datetime
) -> tuple[Recut, Standing]:
    """What would come and go. Asks the fabric: outside of any transaction. Raises Refused with all reasons."""
    require_quiet(reservation)
    seen = board(pool_code=reservation.pool.code)
    quota = quota_of(pool_code=reservation.pool.code, project=reservation.project.slug, now=now)
    standing = _standing(reservation, seen, quota, now)
    if standing.request is None:
        raise Refused([_UNREADABLE])
    found = recut(
        standing=standing,
        old=standing.request.mix,
        request=asked,
        worn={*given_back_from(reservation=reservation), *(gap["node"] for gap in reservation.shortfall)},
        first_index=_first_index(reservation, standing.plan),
    )
    if not isinstance(found, Recut):
        raise Refused(found)
    rigid = [node for node in found.changed_nodes if not can_change(reservation=reservation, node=node)]
    if rigid:
        raise Refused([_rigid(node, found) for node in rigid])
    require_consent(
        reservation=reservation, before=standing.plan, after=found.after, seen=standing.snapshot, by=by, now=now
    )
    return found, standing


def change_in_use(*, reservation: Reservation, asked: ReservationRequest, by: Actor, now: datetime) -> Reservation:
    """Raises Refused, and Overtaken where somebody was faster, perhaps by this very wish: the next try knows."""
    found, standing = looked_at(reservation=reservation, asked=asked, by=by, now=now)
    with transaction.atomic():
        footing, quota = take_footing_under_quota(pool=reservation.pool, project=asked.project, now=now)
        version = reservation.version
        reservation.refresh_from_db()
        if reservation.version != version or reservation.state != ReservationState.ACTIVE:
            raise Overtaken
        if footing.board.generation != standing.snapshot.generation or quota != standing.snapshot.quota:
            standing = _standing(reservation, footing.board, quota, now)
            if against(recut=found, standing=standing, request=asked):
                raise Overtaken
        _begin(reservation, asked, found, standing, footing, by, now)
    return reservation


def require_quiet(reservation: Reservation) -> None:
    """Raises Refused while a node of it is composed, changed or released."""
    at_work = Operation.objects.filter(reservation=reservation, state__in=sorted(OPEN_OPERATIONS))
    if reservation.plan.get("change") or at_work.exists():
        raise Refused([BEING_CHANGED])


def _begin(
    reservation: Reservation,
    asked: ReservationRequest,
    found: Recut,
    standing: Standing,
    footing: Footing,
    by: Actor,
    now: datetime,
) -> None:
    before, topology = standing.plan, standing.snapshot.topology
    compositions = {node: node_in_use(reservation=reservation, node=node) for node in found.changed_nodes}
    plan = replace(
        before,
        nodes=(*before.nodes, *found.comes),
        busy_until=found.both.busy_until,
        change=found.change(before=before, request=dict(asked.wire)),
    )
    if plan.busy_until != before.busy_until:
        stretch_allocations(reservation=reservation, until=plan.busy_until, footing=footing)
    add_allocations(reservation=reservation, holds=replace(plan, nodes=found.comes, busy_from=now), footing=footing)
    is_beyond = is_beyond_quota(
        plan=found.after, snapshot=standing.snapshot, reservation=reservation.code, charged_from=now
    )
    changes = {"busy_until": plan.busy_until, "is_beyond_quota": reservation.is_beyond_quota or is_beyond}
    write_plan_of(reservation=reservation, plan=plan, topology=topology, now=now, **changes)
    for node, adds in found.grows.items():
        composition = compositions[node]
        if composition is None:
            raise Overtaken
        begin_change(
            reservation=reservation,
            composition=composition,
            standing=standing.with_plan(plan),
            footing=footing,
            adds=adds,
            removes=(),
            reason=GROWS,
            by=by,
            now=now,
        )
    for come in found.comes:
        open_node(reservation=reservation, node=come, generation=1, by=by, now=now)
    _tell(reservation, found, standing, by, now)
    tell_if_near(
        reservation=reservation, plan=found.after, snapshot=standing.snapshot, by=by, now=now, charged_from=now
    )
    carry_on(reservation=reservation, by=by, now=now)


def _tell(reservation: Reservation, found: Recut, standing: Standing, by: Actor, now: datetime) -> None:
    facts = {**told_of(standing.plan, found.after), "usd": reservation.price.get("usd")}
    message = f"It is to be {nodes_in_words(found.after)}: {_comes_and_goes(facts)}"
    kind = JournalKind.RESIZE_ASKED
    journal.record(kind=kind, message=message, by=by, now=now, reservation=reservation, facts=facts)


def _comes_and_goes(facts: dict[str, list[str]]) -> str:
    come, go = len(facts["added"]), len(facts["removed"])
    if come and go:
        return f"{come} device{'s'[: come != 1]} come first, then {go} go."
    if come or go:
        count = come or go
        return f"{count} device{'s'[: count != 1]} {'come' if come else 'go'}{'s' if count == 1 else ''}."
    return "no device comes or goes."


def _standing(reservation: Reservation, seen: Board, quota: QuotaFacts, now: datetime) -> Standing:
    """With the project's ceiling and what is kept from its class, since it may come to hold more."""
    found = standing_of(reservation=reservation, board=seen, now=now)
    priority = Priority(reservation.priority)
    return replace(found, snapshot=snapshot_of(board=seen, quota=quota, now=now, priority=priority))


def _first_index(reservation: Reservation, plan: Plan) -> int:
    """A number that no node of it ever had: names on the fabric are never used twice."""
    last = Composition.objects.filter(owner=reservation.code).aggregate(last=Max("node"))["last"]
    return max([-1 if last is None else last, *(node.index for node in plan.nodes)]) + 1


def _rigid(node: int, found: Recut) -> Refusal:
    group = next(one.group for one in found.after.nodes if one.index == node)
    message = (
        f"The fabric of node {node + 1} changes nothing on a node in use, or is paused or silent at the moment; "
        "change how many nodes there are instead, or ask again later."
    )
    return Refusal(RefusalCode.NOT_IN_PLACE, f"mix[{group}]", message)


BEING_CHANGED = Refusal(
    code=RefusalCode.POOL_BUSY,
    field="mix",
    message="A node of it is being changed already; ask again when that is done.",
)
_UNREADABLE = Refusal(
    code=RefusalCode.NOT_IN_PLACE,
    field="mix",
    message="What it was booked with can no longer be read, as a class has left the catalogue; book the new mix anew.",
)
