"""Rows of who gets what, when. No behaviour lives here: services write, queries read."""

from scheduler.models.allocation import Allocation
from scheduler.models.idempotency import IdempotencyKey
from scheduler.models.journal import JournalEntry
from scheduler.models.maintenance import Maintenance
from scheduler.models.notice import Notice, NoticeChoice
from scheduler.models.operation import Operation
from scheduler.models.preset import Preset
from scheduler.models.project import Membership, Project, Quota
from scheduler.models.reservation import Quote, Reservation
from scheduler.models.webhook import Webhook, WebhookDelivery, WebhookTry

__all__ = [
    "Allocation",
    "IdempotencyKey",
    "JournalEntry",
    "Maintenance",
    "Membership",
    "Notice",
    "NoticeChoice",
    "Operation",
    "Preset",
    "Project",
    "Quota",
    "Quote",
    "Reservation",
    "Webhook",
    "WebhookDelivery",
    "WebhookTry",
]
