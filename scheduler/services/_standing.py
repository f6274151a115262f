"""A reservation with its plan and request as the planner reads them, in its pool as it is under the lock."""

from dataclasses import replace
from datetime import datetime

from scheduler.models import Reservation
from scheduler.parsing import parse_request
from scheduler.planning.plan import plan_from_wire
from scheduler.planning.replacing import Standing
from scheduler.planning.snapshot import QuotaFacts
from scheduler.queries.boards import Board
from scheduler.queries.snapshots import snapshot_of
from scheduler.queries.vocabulary import vocabulary
from scheduler.refusals import Invalid
from scheduler.requests import ReservationRequest, Window


def standing_of(*, reservation: Reservation, board: Board, now: datetime) -> Standing:
    """Its plan holds what it holds: to the end of its padded window as that is now."""
    project = reservation.project.slug
    plan = plan_from_wire(reservation.plan)
    return Standing(
        reservation=reservation.code,
        project=project,
        plan=replace(plan, busy_from=reservation.busy_from, busy_until=reservation.busy_until),
        snapshot=snapshot_of(board=board, quota=QuotaFacts(project), now=now, priority=None),
        request=request_of(reservation=reservation),
    )


def request_of(*, reservation: Reservation) -> ReservationRequest | None:
    """What it asked for, in the window it has; None where that can no longer be read, as when a class is gone."""
    try:
        words = vocabulary(user_id=0, sees_all=True)
        request = parse_request(reservation.request, vocabulary=words, now=reservation.created_at)
    except Invalid:
        return None
    window = Window(starts_at=reservation.starts_at, ends_at=reservation.ends_at)
    return replace(request, window=window, project=reservation.project.slug, pool=reservation.pool.code)
