"""The next time at which a reservation that could not be fulfilled would fit: an offer, nothing is held."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler import limits
from scheduler.models import Reservation
from scheduler.planning.earliest import earliest
from scheduler.planning.index import PoolIndex
from scheduler.planning.sentences import in_utc
from scheduler.queries.snapshots import snapshot
from scheduler.services._standing import request_of

_MINUTE = timedelta(minutes=1)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Slot:
    starts_at: datetime
    ends_at: datetime

    def __str__(self) -> str:
        return f"It would fit again from {in_utc(self.starts_at)}."


def next_slot(*, reservation: Reservation, without: Collection[str], now: datetime) -> Slot | None:
    """Outside of any lock. Its own units are free by then; the failed ones, `without`, are not.

    None where nothing fits within some days, or nothing was found quickly. Never raises: that a reservation has failed
    is told in any case.
    """
    try:
        return _look(reservation, without, now)
    except Exception:
        _log.exception("no next time was found for %s", reservation.code)
        return None


def _look(reservation: Reservation, without: Collection[str], now: datetime) -> Slot | None:
    request = request_of(reservation=reservation)
    if request is None:
        return None
    seen = snapshot(pool_code=reservation.pool.code, project_slug=reservation.project.slug, now=now)
    index = PoolIndex(seen).without([reservation.code]).leaving_out((False, code) for code in without)
    found = earliest(
        request=request,
        index=index,
        duration=reservation.ends_at - reservation.starts_at,
        not_before=now.replace(second=0, microsecond=0) + _MINUTE,
        not_after=now + timedelta(days=limits.NEXT_SLOT_DAYS_MAX),
        limit=1,
    )
    return Slot(found.windows[0].starts_at, found.windows[0].ends_at) if found.windows else None
