"""Back to the waitlist, at the front of its class: for what was preempted."""

from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.models import Reservation, WaitlistEntry
from scheduler.queries.snapshots import snapshot
from scheduler.requests import Actor, WaitWish
from scheduler.services._standing import request_of
from scheduler.services._waiting import MINUTE, Standby, write_wait
from scheduler.waiting_parsing import ACCEPT_MINUTES_ASSUMED


def wait_again(*, reservation: Reservation, by: Actor, now: datetime, auto_accept: bool = True) -> Reservation | None:
    """A new one for the time that it has left, in the caller's transaction; None where its request cannot be read.

    It is booked at once when its turn comes, as it had been booked before; or, without `auto_accept`, only offered. It
    waits as far as the pool's calendar reaches, not before the start it was booked for, and keeps its place by when it
    was first asked for.
    """
    request = request_of(reservation=reservation)
    if request is None:
        return None
    seen = snapshot(pool_code=request.pool, project_slug=request.project, now=now, priority=None)
    policy = seen.topology.policy
    left = reservation.ends_at - max(now, reservation.starts_at)
    duration = max(-(-left // MINUTE), policy.min_duration_minutes) * MINUTE
    soonest = max(now + policy.setup_minutes * MINUTE, reservation.starts_at)
    not_after = max(soonest + duration, now + timedelta(days=policy.horizon_days))
    waited = WaitlistEntry.objects.filter(reservation=reservation).first()  # one that waited before keeps its time
    minutes = waited.accept_minutes if waited else ACCEPT_MINUTES_ASSUMED
    wish = WaitWish(soonest, not_after, duration, auto_accept=auto_accept, accept_minutes=minutes)
    again = replace(request, hold_minutes=None, waitlist=wish, wire=_body(reservation, wish))
    standby = Standby(
        user_id=reservation.created_by_id,
        queued_at=waited.queued_at if waited else reservation.created_at,
        is_front=True,
        copied_from=reservation,
        former_bookers=reservation.former_bookers,
    )
    return write_wait(request=again, wish=wish, standby=standby, seen=seen, by=by, now=now)


def _body(reservation: Reservation, wish: WaitWish) -> dict[str, object]:
    timed = ("starts_at", "ends_at", "duration_minutes", "hold_minutes", "auto_extend_until", "waitlist")
    kept = {name: value for name, value in reservation.request.items() if name not in timed}
    return {
        **kept,
        "duration_minutes": wish.duration // MINUTE,
        "waitlist": {
            "not_before": wish.not_before.isoformat(),
            "not_after": wish.not_after.isoformat(),
            "auto_accept": wish.auto_accept,
            "accept_minutes": wish.accept_minutes,
        },
    }
