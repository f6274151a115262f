"""When a fabric is looked at: each minute, and sooner when it hints at something or something is not settled yet."""

import logging
from datetime import datetime, timedelta

from django.db.models import Q

from fabric.composing.repairs import GONE_AFTER
from fabric.drivers.base import DriverError
from fabric.models import Drift, FabricManager
from fabric.services.drivers import driver_for
from scheduler.services.inspect_pools import inspect_fabric

EVERY = timedelta(seconds=60)
SOONER = timedelta(seconds=20)  # the least that lies between two listings that count
CURSOR_CHARS_MAX = 200  # width of the column
_log = logging.getLogger(__name__)


class Watch:
    """One process's memory of when it tried; it may be lost, and there may be many. A look too many is harmless."""

    def __init__(self) -> None:
        self._tried_at: dict[int, datetime] = {}
        self._hinted: set[int] = set()

    def look(self, *, manager_id: int, now: datetime) -> bool:
        """Ask the fabric for hints, and list it if that is due; whether it was listed."""
        manager = FabricManager.objects.select_related("pool").get(pk=manager_id)
        if is_hinting(manager=manager):
            self._hinted.add(manager_id)
        tried_at = self._tried_at.get(manager_id)
        pause = SOONER if manager_id in self._hinted or is_unsettled(manager=manager, now=now) else EVERY
        if tried_at is not None and now - tried_at < pause:
            return False
        self._tried_at[manager_id] = now
        self._hinted.discard(manager_id)
        inspect_fabric(manager=manager, now=now)
        return True


def fabrics() -> list[int]:
    return list(FabricManager.objects.order_by("id").values_list("pk", flat=True))


def is_hinting(*, manager: FabricManager) -> bool:
    """Whether anything happened since the cursor, which moves on. Without hints it is looked at each minute."""
    try:
        hints = list(driver_for(manager).events(manager.events_cursor))
    except DriverError as error:
        _log.info("%s gave no hints: %s", manager, error)
        return False
    except Exception:
        _log.exception("%s gave no hints", manager)
        return False
    if not hints:
        return False
    cursor = hints[-1].partition(" ")[0][:CURSOR_CHARS_MAX]
    FabricManager.objects.filter(pk=manager.pk).update(events_cursor=cursor)
    return True


def is_unsettled(*, manager: FabricManager, now: datetime) -> bool:
    """A listing failed, a difference is too fresh to act on, or was settled just now and waits for its second look."""
    is_fresh = Q(resolved_at=None, sightings__lt=GONE_AFTER) | Q(resolved_at__gt=now - EVERY)
    is_fresh |= Q(resolved_at=None, first_seen_at__gt=now - 2 * EVERY)
    return bool(manager.listing_error) or Drift.objects.filter(is_fresh, pool=manager.pool_id).exists()
