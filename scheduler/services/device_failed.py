"""The fabric shows that a device of a booking is lost or ill: its people are told, and offered another."""

from datetime import datetime

from django.db import transaction

from fabric.composing.losing import let_go
from fabric.models import Composition, Resize, ResourceBlock
from fabric.states import LIVE_COMPOSITIONS
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import JournalEntry, Reservation
from scheduler.planning.plan import Setting
from scheduler.refusals import Invalid, Refused, WrongState
from scheduler.requests import SYSTEM
from scheduler.services._changing import begin_change, can_change, is_being_resized, node_in_use, open_change
from scheduler.services._commit import lock_pool, take_footing
from scheduler.services._standing import standing_of
from scheduler.services._tries import tried
from scheduler.services.swap import SwapOffer, offer_swap
from scheduler.states import ReservationState

ATTACHED_AGAIN = "It was lost, and is attached again."  # `Resize.reason` of a reattachment
TELLING = (ReservationState.COMPOSING, ReservationState.ACTIVE)


def device_failed(*, block: ResourceBlock, reason: str, now: datetime) -> None:
    """Journal and notice, with what could be done about it. Again with the same reason: nothing.

    Asks the fabric what it can do: outside of any transaction.
    """
    holding = _holding(block)
    if holding is None:
        return
    reservation, composition = holding
    told = JournalEntry.objects.filter(reservation=reservation, kind=JournalKind.DEVICE_FAILED, facts__block=block.code)
    last = told.order_by("-id").first()
    if last is not None and last.facts.get("reason") == reason:
        return
    offer, why_not = _offer(reservation, block.code, now)
    instead = f"{offer.replacement} could take its place: ask for the swap." if offer else why_not
    facts = {
        "node": composition.node + 1,
        "block": block.code,
        "reason": reason,
        "replacement": offer.replacement if offer else None,
        "needs_reboot": offer.needs_reboot if offer else None,
    }
    message = f"Node {composition.node + 1}: {block.code} has failed: {reason} {instead}".strip()
    kind = JournalKind.DEVICE_FAILED
    journal.record(kind=kind, message=message, by=SYSTEM, now=now, reservation=reservation, facts=facts)


def reattach(*, block: ResourceBlock, now: datetime) -> bool:
    """Queue that the node gets the very same device back, once a block and reservation; False if it was tried before.

    It is inspected and cleaned first, and the change of the node waits for that. Also False where the node cannot be
    changed now: somebody else changes it, its end has begun, its fabric cannot.
    """
    holding = _holding(block)
    if holding is None or not can_change(reservation=holding[0], node=holding[1].node):
        return False
    return _reattach(block=block, reservation=holding[0], now=now)


@tried
@transaction.atomic
def _reattach(*, block: ResourceBlock, reservation: Reservation, now: datetime) -> bool:
    lock_pool(pool_id=reservation.pool_id)
    reservation.refresh_from_db()
    holding = _holding(block)
    if reservation.state != ReservationState.ACTIVE or holding is None or is_being_resized(reservation):
        return False
    node = holding[1].node
    composition = node_in_use(reservation=reservation, node=node)
    earlier = Resize.objects.filter(composition__owner=reservation.code, adds=[block.code], reason=ATTACHED_AGAIN)
    if composition is None or open_change(reservation=reservation, node=node) or earlier.exists():
        return False
    if not let_go(composition=composition, block=block, now=now, reason=ATTACHED_AGAIN, by_name=SYSTEM.name):
        return False
    footing = take_footing(pool=reservation.pool)
    begin_change(
        reservation=reservation,
        composition=composition,
        standing=standing_of(reservation=reservation, board=footing.board, now=now),
        footing=footing,
        adds={block.code: Setting(**composition.settings.get(block.code, {}))},
        removes=(),
        reason=ATTACHED_AGAIN,
        by=SYSTEM,
        now=now,
    )
    return True


def _holding(block: ResourceBlock) -> tuple[Reservation, Composition] | None:
    composition = Composition.objects.filter(blocks=block, state__in=LIVE_COMPOSITIONS).order_by("-id").first()
    if composition is None:
        return None
    found = Reservation.objects.filter(code=composition.owner, state__in=TELLING).select_related("pool", "project")
    reservation = found.first()
    return None if reservation is None else (reservation, composition)


def _offer(reservation: Reservation, block: str, now: datetime) -> tuple[SwapOffer | None, str]:
    """Or why there is none; to who is not active yet nothing is offered, since the composing sees to it."""
    try:
        return offer_swap(reservation=reservation, block=block, now=now), ""
    except Refused as refused:
        return None, refused.refusals[0].message
    except (Invalid, WrongState):
        return None, ""
