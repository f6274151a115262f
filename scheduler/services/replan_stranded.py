"""Nobody is forgotten: who is still to have what is out of service is planned anew, should the first call have failed.

Whoever puts units out of service calls `replan` at once; this looks again every so often, since that call may be lost
with its process, and since a place may have become free for who found none.
"""

import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from fabric.models import Host, Pool, ResourceBlock
from fabric.states import UNUSABLE
from scheduler.models import Allocation
from scheduler.queries.movables import MOVABLE_STATES
from scheduler.requests import SYSTEM
from scheduler.services.replan import replan

_log = logging.getLogger(__name__)
REASON = "what it was to have is out of service"
PICKED = "a fabric picked a device of it for another node"


def replan_stranded(*, now: datetime) -> int:
    """How many moved. Cordoned units are not looked at: what holds them keeps them until an operator says otherwise."""
    return sum(_tried(act, pool, now) for pool in Pool.objects.order_by("code") for act in (_in_pool, _picked_in))


def _tried(act: Callable[[Pool, datetime], int], pool: Pool, now: datetime) -> int:
    """A pool that is busy, or cannot be planned, keeps no other waiting; it is tried again by the next call."""
    try:
        return act(pool, now)
    except Exception:
        _log.exception("who is stranded in %s could not be planned anew", pool.code)
        return 0


def _in_pool(pool: Pool, now: datetime) -> int:
    waiting = Allocation.objects.filter(pool=pool, is_holding=True, reservation__state__in=MOVABLE_STATES)
    hosts = _wanted(Host.objects.filter(pool=pool), waiting.filter(host=OuterRef("pk")))
    blocks = _wanted(ResourceBlock.objects.filter(pool=pool), waiting.filter(block=OuterRef("pk")))
    gone = {(True, code) for code in hosts} | {(False, code) for code in blocks}
    if not gone:
        return 0
    return len(replan(pool=pool, units=gone, reason=REASON, by=SYSTEM, now=now).moved)


def _picked_in(pool: Pool, now: datetime) -> int:
    """Who has not begun holds all of its plan, but for what a fabric that picks devices gave to another node."""
    lost = Allocation.objects.filter(pool=pool, is_holding=False, reservation__state__in=MOVABLE_STATES)
    units: defaultdict[str, set[tuple[bool, str]]] = defaultdict(set)
    for code, block in lost.filter(block__isnull=False).values_list("reservation__code", "block__code"):
        units[code].add((False, block))
    found = (
        replan(pool=pool, units=gone, reason=PICKED, by=SYSTEM, now=now, among=[code]) for code, gone in units.items()
    )
    return sum(len(one.moved) for one in found)


def _wanted(units: "QuerySet[Host] | QuerySet[ResourceBlock]", waiting: "QuerySet[Allocation]") -> list[str]:
    return list(units.filter(Exists(waiting), state__in=sorted(UNUSABLE)).values_list("code", flat=True))
