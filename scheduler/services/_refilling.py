"""Reservations that go without a device: an equal one is looked for until their time for that is over."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from fabric.models import Resize
from scheduler import limits
from scheduler.models import Reservation
from scheduler.planning.plan import Setting
from scheduler.planning.replacing import filled
from scheduler.queries.boards import board
from scheduler.requests import SYSTEM
from scheduler.services._changing import begin_change, can_change, is_being_resized, node_in_use, open_change
from scheduler.services._commit import lock_pool, take_footing
from scheduler.services._standing import standing_of
from scheduler.states import ReservationState

Gap = dict[str, Any]  # one of `Reservation.shortfall`
_log = logging.getLogger(__name__)


def fill_gaps(*, now: datetime) -> int:
    """How many are on their way to be filled. One that fails is logged and tried again; it keeps nobody waiting."""
    rows = Reservation.objects.filter(state=ReservationState.ACTIVE, ends_at__gt=now).exclude(shortfall=[])
    open_yet = [pk for pk, gaps in rows.order_by("id").values_list("pk", "shortfall") if _tried(gaps, now)]
    count = 0
    for pk in open_yet[: limits.ADVANCE_BATCH_MAX]:
        try:
            count += _fill(pk, now)
        except Exception:
            _log.exception("the gaps of reservation %d could not be looked at", pk)
    return count


def _fill(pk: int, now: datetime) -> int:
    """At most one device a node at a time: the first of which there is one, so that no gap waits for another."""
    reservation = Reservation.objects.select_related("pool", "project").get(pk=pk)
    tried = _tried(reservation.shortfall, now)
    hopeful = (
        next((gap for gap in tried if gap["node"] == node and _is_hopeful(reservation, gap, now)), None)
        for node in sorted({gap["node"] for gap in tried})
    )
    return sum(_fill_gap(reservation, gap, now) for gap in hopeful if gap is not None)


def _tried(gaps: Sequence[Gap], now: datetime) -> list[Gap]:
    """Those that something is still looked for."""
    return [gap for gap in gaps if now < datetime.fromisoformat(gap["tried_until"])]


def _is_hopeful(reservation: Reservation, gap: Gap, now: datetime) -> bool:
    """Looked at without the lock, which is mostly not worth taking."""
    standing = standing_of(reservation=reservation, board=board(pool_code=reservation.pool.code), now=now)
    found = filled(standing=standing, node=gap["node"], like=gap["block"], setting=_setting(gap))
    return found is not None and can_change(reservation=reservation, node=gap["node"])


def _setting(gap: Gap) -> Setting:
    return Setting(**gap.get("setting", {}))


@transaction.atomic
def _fill_gap(reservation: Reservation, gap: Gap, now: datetime) -> bool:
    node, like = gap["node"], gap["block"]
    lock_pool(pool_id=reservation.pool_id)
    reservation.refresh_from_db()
    composition = node_in_use(reservation=reservation, node=node)
    if reservation.state != ReservationState.ACTIVE or composition is None or gap not in reservation.shortfall:
        return False
    lately = now - timedelta(seconds=limits.GAP_RETRY_SECONDS)
    is_too_soon = Resize.objects.filter(composition=composition, finished_at__gt=lately).exists()
    if is_too_soon or open_change(reservation=reservation, node=node) or is_being_resized(reservation):
        return False
    footing = take_footing(pool=reservation.pool)
    standing = standing_of(reservation=reservation, board=footing.board, now=now)
    found = filled(standing=standing, node=node, like=like, setting=_setting(gap))
    if found is None:
        return False
    begin_change(
        reservation=reservation,
        composition=composition,
        standing=standing,
        footing=footing,
        adds={found.given[like]: _setting(gap)},
        removes=(),
        reason=f"In the place of {like}, which it goes without.",
        by=SYSTEM,
        now=now,
    )
    return True
