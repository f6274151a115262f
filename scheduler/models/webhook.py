"""Where journal entries are sent to by HTTP, and what became of each sending."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from fabric.models._choices import choices
from scheduler import limits
from scheduler.models.journal import JournalEntry
from scheduler.models.project import Project
from scheduler.states import DeliveryState


class Webhook(models.Model):
    """An address that is told of a project's journal entries, or, without a project, of every one (operators' own).

    It has read the journal up to and with (`read_transaction`, `read_entry`). Its secrets sign what is sent; two are
    live while one replaces the other. They are sealed, since signing needs their text.
    """

    code = models.CharField(max_length=16, unique=True)
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=limits.WEBHOOK_URL_CHARS_MAX)
    description = models.CharField(max_length=limits.TITLE_CHARS_MAX, blank=True)
    kinds = models.JSONField(default=list, blank=True, help_text="Kinds of journal entry it wants; none: every one.")
    sealed_secret = models.CharField(max_length=400)
    sealed_old_secret = models.CharField(max_length=400, blank=True)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    read_transaction = models.BigIntegerField(default=0)
    read_entry = models.BigIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True, help_text="No delivery has succeeded since.")
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["id"], name="webhook_in_use", condition=Q(disabled_at__isnull=True))]

    def __str__(self) -> str:
        return self.code


class WebhookDelivery(models.Model):
    """One entry for one address: sent again until it is taken, or until its time is up. The body never changes."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    entry = models.ForeignKey(JournalEntry, null=True, on_delete=models.PROTECT, related_name="+")
    message_id = models.CharField(max_length=40, unique=True, help_text="`webhook-id`: the same in every try.")
    kind = models.CharField(max_length=64)
    body = models.TextField()
    state = models.CharField(max_length=16, choices=choices(DeliveryState), default=DeliveryState.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    replay_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replays")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "webhook deliveries"
        indexes = [
            models.Index(fields=["due_at", "id"], name="delivery_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["webhook", "-id"], name="delivery_of_webhook"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "entry"], condition=Q(replay_of__isnull=True), name="delivery_once"
            )
        ]

    def __str__(self) -> str:
        return self.message_id


class WebhookTry(models.Model):
    """One call to the address: what came back, or why nothing did."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="None: no answer came.")
    milliseconds = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "webhook tries"

    def __str__(self) -> str:
        return f"try of {self.delivery_id} at {self.at}"
