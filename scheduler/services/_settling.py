"""Carry out what follows from how an operation ended: one transaction under the pool's lock. `settling` decides."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from fabric.composing.results import NodeOutcome, NodeResult
from fabric.models import Composition, ResourceBlock
from fabric.services.units import move_blocks
from fabric.states import BlockState, CompositionState
from scheduler import journal, limits, nudge
from scheduler.journal_kinds import JournalKind
from scheduler.models import Operation
from scheduler.planning.plan import plan_from_wire
from scheduler.planning.replacing import node_of
from scheduler.planning.sentences import in_utc
from scheduler.requests import Actor, OnFailure
from scheduler.services._carrying_on import carry_on
from scheduler.services._commit import lock_pool
from scheduler.services._exchanging import exchange
from scheduler.services._lease import keep
from scheduler.services._mending import Mend, go_without, swap_failed
from scheduler.services._moves import move
from scheduler.services._next_slot import Slot, next_slot
from scheduler.services._releasing import begin_release, finish_if_closed
from scheduler.services._resizing import follow
from scheduler.services._starting import open_node
from scheduler.services._unclaimed import check_in_due_at
from scheduler.services.replan import replan
from scheduler.settling import Facts, Verdict, Way, verdict
from scheduler.states import OPEN_OPERATIONS, OperationKind, OperationState, ReservationState

_log = logging.getLogger(__name__)
PROVEN = (CompositionState.COMPOSED, CompositionState.RESIZING)
_COME = (NodeOutcome.COMPOSED, NodeOutcome.RESIZED, NodeOutcome.RELEASED)


class _NotLooked(Exception):
    """It has failed, and the next time that fits has to be looked for first, which no lock may wait for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One operation's end. `slots` is empty until the next time that fits was looked for."""

    operation: Operation
    result: NodeResult
    by: Actor
    now: datetime
    slots: tuple[Slot | None, ...] = ()


Carry = Callable[[Ending], bool]  # whether the way could be gone


def settle(*, operation: Operation, result: NodeResult, now: datetime) -> None:
    """A result under an old fence changes nothing but wakes the release that overtook it."""
    by = Actor(name="heddle", request_id=operation.request_id)
    ending = Ending(operation=operation, result=result, by=by, now=now)
    try:
        _settle(ending)
    except _NotLooked:
        keep(operation=operation, now=now)  # the search has the whole lease
        slot = next_slot(reservation=operation.reservation, without=result.failed_blocks, now=now)
        _settle(replace(ending, slots=(slot,)))
    if result.failed_blocks and result.outcome != NodeOutcome.SUPERSEDED:
        _replan_others(ending)


def _replan_others(ending: Ending) -> None:
    """Who was to have a device that is quarantined now. Whoever begins with it all the same gets another then."""
    pool, failed = ending.operation.reservation.pool, ending.result.failed_blocks
    gone = ResourceBlock.objects.filter(pool=pool, code__in=failed, state=BlockState.QUARANTINED)
    units = [(False, code) for code in gone.values_list("code", flat=True)]
    if not units:
        return
    try:
        replan(pool=pool, units=units, reason="a device failed", by=ending.by, now=ending.now)
    except Exception:
        _log.exception("plans with %s could not be made anew", units)


@transaction.atomic
def _settle(ending: Ending) -> None:
    operation, result = ending.operation, ending.result
    lock_pool(pool_id=operation.composition.pool_id)
    operation.reservation.refresh_from_db()
    outcome = result.outcome if _still_mine(operation) else NodeOutcome.SUPERSEDED
    if result.exchanged and outcome != NodeOutcome.SUPERSEDED:
        node, given = operation.composition.node, result.exchanged
        exchange(reservation=operation.reservation, node=node, given=given, by=ending.by, now=ending.now)
    found = verdict(kind=OperationKind(operation.kind), outcome=outcome, facts=_facts(ending))
    if found.tells_wait and operation.last_error != result.reason:
        _tell(ending, JournalKind.RESERVATION_WAITING, f"Waiting: {result.reason}")
    _write(ending, found)
    if found.tells_quarantine:
        _tell_quarantine(ending)
    if found.sets_aside:
        _set_aside(ending)
    next((True for way in found.ways if _WAYS[way](ending)), False)


def _facts(ending: Ending) -> Facts:
    operation, reservation = ending.operation, ending.operation.reservation
    composition = Composition.objects.get(pk=operation.composition_id)
    blocks = set(composition.blocks.values_list("code", flat=True))
    proven = Composition.objects.filter(owner=reservation.code, state__in=PROVEN).count()
    return Facts(
        state=ReservationState(reservation.state),
        on_failure=OnFailure(reservation.request.get("on_failure") or OnFailure.ALL),
        attempt=operation.attempt,
        is_late=ending.now >= operation.deadline_at,
        is_closed=composition.state == CompositionState.CLOSED,
        is_last=proven >= len(reservation.plan["nodes"]),
        generation=composition.generation,
        blocks=len(blocks),
        failed=len(blocks & set(ending.result.failed_blocks)),
        swaps=reservation.swaps,
    )


def _still_mine(operation: Operation) -> bool:
    return Operation.objects.filter(pk=operation.pk, fence=operation.fence, state=OperationState.RUNNING).exists()


def _write(ending: Ending, found: Verdict) -> None:
    """The operation's own row."""
    mine = Operation.objects.filter(
        pk=ending.operation.pk, fence=ending.operation.fence, state__in=sorted(OPEN_OPERATIONS)
    )
    told = ending.result.reason[:500] if found.operation != OperationState.DONE else ""
    if found.operation == OperationState.QUEUED:
        mine.update(
            state=OperationState.QUEUED,
            due_at=ending.now + timedelta(seconds=found.pause_seconds),
            lease_until=None,
            fence=F("fence") + 1,
            hinted_at=None,
            last_error=told,
        )
    elif found.operation is not None:
        mine.update(state=found.operation, finished_at=ending.now, lease_until=None, last_error=told)


def _activate(ending: Ending) -> bool:
    """Even before its window: the early minutes are not charged."""
    reservation, now = ending.operation.reservation, ending.now
    nodes, lacking = len(reservation.plan["nodes"]), len(reservation.shortfall)
    message = f"Active: read-back proves {nodes} node{'s'[: nodes != 1]}."
    if lacking:
        message += f" It goes without {lacking} device{'s'[: lacking != 1]}."
    due_at = check_in_due_at(reservation, active_at=now)
    if due_at is not None:
        message += f" Check in until {in_utc(due_at)}, or it is given back."
    remind_at = max(now, reservation.ends_at - timedelta(minutes=limits.ENDING_SOON_MINUTES))
    return move(
        reservation,
        to=ReservationState.ACTIVE,
        message=message,
        by=ending.by,
        now=now,
        active_at=now,
        check_in_due_at=due_at,
        next_due_at=remind_at,
    )


def _compose_again(ending: Ending) -> bool:
    reservation, composition = ending.operation.reservation, ending.operation.composition
    node = node_of(plan_from_wire(reservation.plan), composition.node)
    open_node(reservation=reservation, node=node, generation=composition.generation + 1, by=ending.by, now=ending.now)
    return True


def _swap(ending: Ending) -> bool:
    return _mended(ending, swap_failed)


def _degrade(ending: Ending) -> bool:
    return _mended(ending, go_without)


def _mended(ending: Ending, mend: Mend) -> bool:
    if not mend(operation=ending.operation, result=ending.result, by=ending.by, now=ending.now):
        return False
    _set_aside(ending)
    return _compose_again(ending)


def _fail(ending: Ending) -> bool:
    if not ending.slots:
        raise _NotLooked
    slot = ending.slots[0]
    facts = {"next_starts_at": slot.starts_at.isoformat(), "next_ends_at": slot.ends_at.isoformat()} if slot else {}
    return begin_release(
        reservation=ending.operation.reservation,
        intent=ReservationState.FAILED,
        reason=f"{ending.result.reason} {slot}" if slot else ending.result.reason,
        by=ending.by,
        now=ending.now,
        facts=facts,
    )


def _finish(ending: Ending) -> bool:
    reservation = ending.operation.reservation
    return reservation.state == ReservationState.RELEASING and finish_if_closed(
        reservation=reservation, by=ending.by, now=ending.now
    )


def _follow(ending: Ending) -> bool:
    done = follow(operation=ending.operation, result=ending.result, by=ending.by, now=ending.now)
    _carry_on(ending)
    return done


def _carry_on(ending: Ending) -> bool:
    result = ending.result
    failure = "" if result.outcome in _COME else result.reason
    return carry_on(reservation=ending.operation.reservation, by=ending.by, now=ending.now, failure=failure)


def _hurry_release(ending: Ending) -> bool:
    """The overtaken worker has stopped: its node can be released now, not only when the lease would have run out."""
    waiting = Operation.objects.filter(
        composition_id=ending.operation.composition_id, kind=OperationKind.RELEASE, state=OperationState.QUEUED
    )
    for pk in waiting.values_list("pk", flat=True):
        Operation.objects.filter(pk=pk, due_at__gt=ending.now).update(due_at=ending.now)
        nudge.hint_operation(pk)
    return True


def _set_aside(ending: Ending) -> None:
    """Blocks that would not bind are offered to nobody until somebody has looked. Those that are free by now."""
    blocks = ResourceBlock.objects.filter(
        pool_id=ending.operation.composition.pool_id, code__in=ending.result.failed_blocks
    )
    ids = list(blocks.values_list("pk", flat=True))
    if move_blocks(ids=ids, seen=BlockState.FREE, to=BlockState.QUARANTINED, reason=ending.result.reason):
        _tell_quarantine(ending)


def _tell_quarantine(ending: Ending) -> None:
    facts = {"blocks": list(ending.result.failed_blocks), "composition": ending.operation.composition.tag}
    _tell(ending, JournalKind.BLOCK_QUARANTINED, f"Quarantined: {ending.result.reason}", facts)


def _tell(ending: Ending, kind: JournalKind, message: str, facts: Mapping[str, object] | None = None) -> None:
    reservation = ending.operation.reservation
    journal.record(kind=kind, message=message, by=ending.by, now=ending.now, reservation=reservation, facts=facts)


_WAYS: dict[Way, Carry] = {
    Way.ACTIVATE: _activate,
    Way.COMPOSE_AGAIN: _compose_again,
    Way.SWAP: _swap,
    Way.DEGRADE: _degrade,
    Way.FAIL: _fail,
    Way.FINISH: _finish,
    Way.CARRY_ON: _carry_on,
    Way.FOLLOW: _follow,
    Way.HURRY_RELEASE: _hurry_release,
}
