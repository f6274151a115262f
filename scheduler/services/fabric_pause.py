"""Stop a fabric from being changed, and let it be changed again. Reads go on; what is under way ends where it is."""

from datetime import datetime, timedelta

from django.db import transaction

from fabric.models import CompositionStep, FabricManager, Repair
from fabric.states import RepairState
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.limits import REASON_CHARS_MAX
from scheduler.models import JournalEntry
from scheduler.requests import Actor

BREAKER = Actor(name="circuit breaker")
BROKEN = ("Permanent", "ContractBroken")  # classes of errors that another try does not mend
BROKEN_MAX = 5  # such outcomes of steps within the window, and the fabric is paused
WINDOW = timedelta(minutes=10)


@transaction.atomic
def pause(*, manager: FabricManager, by: Actor, now: datetime, reason: str) -> bool:
    """False, and no entry, when it was paused already: then the first reason and name stay."""
    changed = FabricManager.objects.filter(pk=manager.pk, is_paused=False).update(
        is_paused=True, paused_reason=reason[:REASON_CHARS_MAX], paused_by=by.name, paused_at=now
    )
    if changed:
        message = f"{manager.code} is paused: nothing is attached or detached through it. {reason}"
        _record(JournalKind.FABRIC_PAUSED, manager, by, now, message)
    return bool(changed)


@transaction.atomic
def resume(*, manager: FabricManager, by: Actor, now: datetime, reason: str) -> bool:
    """False, and no entry, when it was not paused. Repairs that waited have their whole time again."""
    changed = FabricManager.objects.filter(pk=manager.pk, is_paused=True).update(
        is_paused=False, paused_reason="", paused_by="", paused_at=None
    )
    if changed:
        Repair.objects.filter(fabric_manager=manager, state=RepairState.OPEN).update(created_at=now)
        _record(JournalKind.FABRIC_RESUMED, manager, by, now, f"{manager.code} is changed again. {reason}")
    return bool(changed)


def trip_breakers(*, now: datetime) -> list[str]:
    """Pause each fabric on which too much went wrong for good; their codes. Counting begins anew when it is resumed."""
    tripped = []
    for manager in FabricManager.objects.filter(is_paused=False).select_related("pool").order_by("id"):
        count = _broken_since(manager, max(now - WINDOW, _resumed_at(manager) or now - WINDOW))
        if count >= BROKEN_MAX:
            minutes = WINDOW // timedelta(minutes=1)
            reason = f"{count} steps in {minutes} minutes ended in a way that another try does not mend."
            if pause(manager=manager, by=BREAKER, now=now, reason=reason):
                tripped.append(manager.code)
    return tripped


def _broken_since(manager: FabricManager, since: datetime) -> int:
    rows = CompositionStep.objects.filter(composition__fabric_manager=manager, error__in=BROKEN)
    return rows.filter(finished_at__gt=since).count()


def _resumed_at(manager: FabricManager) -> datetime | None:
    resumed = JournalEntry.objects.filter(pool=manager.pool_id, kind=JournalKind.FABRIC_RESUMED, reference=manager.code)
    return resumed.order_by("-id").values_list("at", flat=True).first()


def _record(kind: JournalKind, manager: FabricManager, by: Actor, now: datetime, message: str) -> None:
    journal.record(kind=kind, message=message, by=by, now=now, pool=manager.pool, reference=manager.code)
