"""Wait for a fit: the request is kept and ordered, and promoted when its turn comes."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from scheduler.models import IdempotencyKey, Reservation
from scheduler.planning.attempts import attempt
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.snapshot import Snapshot
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Refusal, RefusalCode, Refused
from scheduler.requests import Actor, ReservationRequest, WaitWish
from scheduler.services._waiting import Standby, require_room, write_wait

CURED_BY_TIME = frozenset(  # a later look may find them gone, though nothing was booked
    {
        RefusalCode.LEAD_TIME,
        RefusalCode.HORIZON,
        RefusalCode.QUOTA_HOURS,
        RefusalCode.BUDGET,
        RefusalCode.DEVICE_UNAVAILABLE,
        RefusalCode.SEARCH_LIMIT,
        RefusalCode.POOL_BUSY,
    }
)


def wait(
    *,
    request: ReservationRequest,
    wish: WaitWish,
    by: Actor,
    now: datetime,
    key: IdempotencyKey | None = None,
    copied_from: Reservation | None = None,
) -> Reservation:
    """It takes its place in the order, also where it would fit at once: promoting looks at it within seconds.

    Raises Refused with what no waiting cures, and Invalid where the project waits for too much already.
    """
    seen = snapshot(pool_code=request.pool, project_slug=request.project, now=now, priority=None)
    if hopeless := never_fits(request=request, seen=seen):
        raise Refused(hopeless)
    with transaction.atomic():
        require_room(project_slug=request.project)
        standby = Standby(user_id=by.user_id, queued_at=now, key=key, copied_from=copied_from)
        return write_wait(request=request, wish=wish, standby=standby, seen=seen, by=by, now=now)


def never_fits(*, request: ReservationRequest, seen: Snapshot) -> tuple[Refusal, ...]:
    """What stands against it in a pool in which nothing is booked."""
    found = attempt(request=request, index=PoolIndex(replace(seen, commitments=())))
    return () if isinstance(found, Plan) else tuple(one for one in found if one.code not in CURED_BY_TIME)
