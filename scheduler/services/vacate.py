"""Cordon a scope and plan anew whoever was to have some of it and has not begun; what is in use is left alone."""

from datetime import datetime

from fabric.models import Pool
from scheduler.queries.scopes import label
from scheduler.requests import Actor
from scheduler.services.cordon import Cordoned, cordon_scope
from scheduler.services.replan import Replanned, replan
from scheduler.states import MaintenanceScope


def vacate(
    *, pool: Pool, scope: MaintenanceScope, target: str, by: Actor, now: datetime, reason: str
) -> tuple[Cordoned, Replanned]:
    """Two transactions: the cordon holds whatever becomes of the plans, and calling it again plans what is left.

    Raises Invalid where the pool has no such thing, Refused (POOL_BUSY) where others kept changing the pool.
    """
    cordoned = cordon_scope(pool=pool, scope=scope, target=target, by=by, now=now, reason=reason)
    because = f"{label(scope=scope, target=target)} was taken out of service ({reason})"
    return cordoned, replan(pool=pool, units=cordoned.units, reason=because, by=by, now=now)
