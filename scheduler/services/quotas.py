"""What a project may have on a pool. An operator says so; every change is in the journal with what was before.

The quota's row is locked first, as every admission does, so that none is decided half by the old ceilings and half by
the new. What is booked already stays booked.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Ceiling, Quota
from scheduler.requests import Actor
from scheduler.services._commit import lock_pool

_LIMITS = (
    "accelerators_max",
    "gpu_hours_per_month",
    "hours_per_7_days",
    "hours_per_30_days",
    "hours_ahead_max",
    "near_term_hours",
    "horizon_days",
    "min_duration_minutes",
    "max_duration_hours",
    "min_lead_minutes",
    "priority_max",
    "budget_usd_per_month",
    "is_mig_only",
    "share_percent",
)
_CEILINGS = ("devices_max", "hours_per_month", "hours_per_7_days", "hours_per_30_days", "hours_ahead_max")


@transaction.atomic
def keep_quota(*, quota: Quota, by: Actor, now: datetime) -> Quota:
    """Made, or changed to what it is now. One that changes nothing is no entry."""
    before = _of(_locked(quota), _LIMITS) if quota.pk else {}
    if not quota.pk:
        lock_pool(pool_id=quota.pool_id)  # who admits without a quota is asked again once the pool was moved on
    quota.save()
    _record(quota, "", before, _of(quota, _LIMITS), by, now)
    return quota


@transaction.atomic
def remove_quota(*, quota: Quota, by: Actor, now: datetime) -> None:
    """With its ceilings: the project may have what it likes there."""
    before = _of(_locked(quota), _LIMITS)
    _record(quota, "", before, {}, by, now)
    quota.delete()


@transaction.atomic
def keep_ceiling(*, ceiling: Ceiling, by: Actor, now: datetime) -> Ceiling:
    """Of one class or one kind. The same as for a quota."""
    _locked(ceiling.quota)
    before = _of(Ceiling.objects.get(pk=ceiling.pk), _CEILINGS) if ceiling.pk else {}
    ceiling.save()
    _record(ceiling.quota, _what(ceiling), before, _of(ceiling, _CEILINGS), by, now)
    return ceiling


@transaction.atomic
def remove_ceiling(*, ceiling: Ceiling, by: Actor, now: datetime) -> None:
    _locked(ceiling.quota)
    _record(ceiling.quota, _what(ceiling), _of(ceiling, _CEILINGS), {}, by, now)
    ceiling.delete()


def _locked(quota: Quota) -> Quota:
    return Quota.objects.select_for_update().get(pk=quota.pk)


def _of(row: Quota | Ceiling, names: tuple[str, ...]) -> dict[str, Any]:
    """Money as text, as JSON has it."""
    values = {name: getattr(row, name) for name in names}
    return {name: str(value) if name == "budget_usd_per_month" and value else value for name, value in values.items()}


def _what(ceiling: Ceiling) -> str:
    return ceiling.device_class.code if ceiling.device_class else ceiling.kind


def _record(
    quota: Quota, what: str, before: Mapping[str, Any], after: Mapping[str, Any], by: Actor, now: datetime
) -> None:
    changes = {name: [before.get(name), after.get(name)] for name in {**before, **after}}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    if before and after and not changes:
        return
    journal.record(
        kind=JournalKind.QUOTA_CHANGED,
        message=_sentence(quota, what, before, after, changes),
        by=by,
        now=now,
        project=quota.project,
        pool=quota.pool,
        facts={"of": what, "changes": changes},
    )


def _sentence(
    quota: Quota, what: str, before: Mapping[str, Any], after: Mapping[str, Any], changes: Mapping[str, list[Any]]
) -> str:
    whose = f"The {f'ceiling of {what}' if what else 'quota'} of {quota.project.slug} on {quota.pool.code}"
    if not after:
        return f"{whose} was removed."
    verb = "was changed" if before else "was set"
    told = (f"{name.replace('_', ' ')} {_word(old)} → {_word(new)}" for name, (old, new) in sorted(changes.items()))
    return f"{whose} {verb}: {', '.join(told)}." if changes else f"{whose} {verb}."


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
