"""Compare every fabric with the rows, and tell operators what is new: the books are only as good as the last look."""

import logging
from datetime import datetime

from django.db import transaction

from fabric.composing.reconcile import reconcile
from fabric.drivers.base import DriverError
from fabric.models import Drift, FabricManager
from fabric.services.drivers import driver_for
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.requests import SYSTEM

_log = logging.getLogger(__name__)


def inspect_pools(*, now: datetime) -> int:
    """How many differences are new. A fabric that does not answer is looked at again next time."""
    return sum(_inspect(manager, now) for manager in FabricManager.objects.select_related("pool").order_by("id"))


def _inspect(manager: FabricManager, now: datetime) -> int:
    try:
        reconcile(pool=manager.pool, driver=driver_for(manager), now=now)
    except DriverError as error:
        _log.warning("%s could not be listed: %s", manager, error)
        return 0
    return _tell(manager, now)


@transaction.atomic
def _tell(manager: FabricManager, now: datetime) -> int:
    """Pool-wide entries are read by everybody: they name the block and not whom it belongs to."""
    new = list(Drift.objects.filter(pool=manager.pool, first_seen_at=now).select_related("block").order_by("id"))
    for drift in new:
        code = drift.block.code if drift.block else manager.code
        message = f"{code}: the fabric differs from the books ({drift.get_kind_display()})."
        journal.record(
            kind=JournalKind.DRIFT_FOUND, message=message, by=SYSTEM, now=now, pool=manager.pool, reference=code
        )
    return len(new)
