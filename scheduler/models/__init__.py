"""Rows of who gets what, when. No behaviour lives here: services write, queries read."""

from scheduler.models.allocation import Allocation
from scheduler.models.approval import Approval, ApprovalRule, Delegation
from scheduler.models.idempotency import IdempotencyKey
from scheduler.models.journal import JournalEntry
from scheduler.models.maintenance import Maintenance
from scheduler.models.notice import Letter, Notice, NoticeChoice, NoticeTimes
from scheduler.models.operation import Operation
from scheduler.models.preset import Preset
from scheduler.models.project import Ceiling, Membership, Project, Quota
from scheduler.models.rate import Rate
from scheduler.models.reservation import Quote, Reservation
from scheduler.models.series import Series
from scheduler.models.telemetry import Utilisation
from scheduler.models.waitlist import CapacityAlert, WaitlistEntry
from scheduler.models.webhook import Webhook, WebhookDelivery, WebhookTry

__all__ = [
    "Allocation",
    "Approval",
    "ApprovalRule",
    "CapacityAlert",
    "Ceiling",
    "Delegation",
    "IdempotencyKey",
    "JournalEntry",
    "Letter",
    "Maintenance",
    "Membership",
    "Notice",
    "NoticeChoice",
    "NoticeTimes",
    "Operation",
    "Preset",
    "Project",
    "Quota",
    "Quote",
    "Rate",
    "Reservation",
    "Series",
    "Utilisation",
    "WaitlistEntry",
    "Webhook",
    "WebhookDelivery",
    "WebhookTry",
]
