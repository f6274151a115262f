"""Compare every fabric with the rows, and tell operators what is new: the books are only as good as the last look."""

import logging
from datetime import datetime

from django.db import transaction

from fabric.composing.reconcile import reconcile
from fabric.drivers.base import DriverError
from fabric.models import Drift, FabricManager, Pool
from fabric.services.drivers import driver_for
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.requests import SYSTEM

_log = logging.getLogger(__name__)


def inspect_pools(*, now: datetime) -> int:
    """How many differences are new. A fabric that does not answer, or whose driver fails, is looked at next time."""
    managers = list(FabricManager.objects.select_related("pool").order_by("id"))
    for manager in managers:
        _inspect(manager, now)
    return sum(_tell(pool, now) for pool in {manager.pool_id: manager.pool for manager in managers}.values())


def _inspect(manager: FabricManager, now: datetime) -> None:
    try:
        reconcile(pool=manager.pool, driver=driver_for(manager), now=now)
    except DriverError as error:
        _log.warning("%s could not be listed: %s", manager, error)
    except Exception:
        _log.exception("%s could not be compared with its rows", manager)


@transaction.atomic
def _tell(pool: Pool, now: datetime) -> int:
    """Pool-wide entries are read by everybody: they name the block and not whom it belongs to.

    Once a pool, for every fabric manager of it has written its differences down with the same moment.
    """
    new = list(Drift.objects.filter(pool=pool, first_seen_at=now).select_related("block").order_by("id"))
    for drift in new:
        code = drift.block.code if drift.block else pool.code
        message = f"{code}: the fabric differs from the books ({drift.get_kind_display()})."
        journal.record(kind=JournalKind.DRIFT_FOUND, message=message, by=SYSTEM, now=now, pool=pool, reference=code)
    return len(new)
