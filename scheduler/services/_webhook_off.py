"""Switch a webhook off: what waits fails, and the leads are told when nobody did it on purpose."""

from datetime import datetime

from scheduler import journal
from scheduler.hooks.guard import host_of
from scheduler.journal_kinds import JournalKind
from scheduler.limits import REASON_CHARS_MAX
from scheduler.models import Membership, Webhook, WebhookDelivery
from scheduler.requests import SYSTEM, Actor
from scheduler.states import DeliveryState, ProjectRole


def switch_off(locked: Webhook, *, by: Actor, now: datetime, reason: str) -> bool:
    """In the transaction of the caller, who has locked it. False when it was off already."""
    changed = Webhook.objects.filter(pk=locked.pk, disabled_at__isnull=True).update(
        disabled_at=now, disabled_reason=reason[:REASON_CHARS_MAX], updated_at=now
    )
    if changed:
        WebhookDelivery.objects.filter(webhook=locked, state=DeliveryState.PENDING).update(
            state=DeliveryState.FAILED, due_at=None, leased_until=None, finished_at=now
        )
        message = f"The webhook {locked.code} to {host_of(locked.url)} was switched off. {reason}"
        journal.record(
            kind=JournalKind.WEBHOOK_DISABLED,
            message=message,
            by=by,
            now=now,
            project=locked.project,
            reference=locked.code,
            told=_leads(locked) if by == SYSTEM else (),
        )
    return bool(changed)


def _leads(hook: Webhook) -> list[int]:
    """Of an operators' own, whoever made it."""
    if hook.project_id is None:
        return [hook.created_by_id] if hook.created_by_id is not None else []
    leads = Membership.objects.filter(project_id=hook.project_id, role=ProjectRole.LEAD)
    return list(leads.order_by("id").values_list("user_id", flat=True))
