"""What happened: immutable, numbered. Audit trail, live event and resume cursor in one."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import BigIntegerField, Func

from fabric.models import Pool
from scheduler.models.project import Project
from scheduler.models.reservation import Reservation


class CurrentTransactionId(Func):
    """The writing transaction's 64-bit id, so that readers can stop below the oldest one still open."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = BigIntegerField()


class JournalEntry(models.Model):
    """Written only by `scheduler.journal`. Read in order of (transaction_id, id), below the oldest open transaction."""

    transaction_id = models.BigIntegerField(db_default=CurrentTransactionId(), editable=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=64)
    reference = models.CharField(max_length=64, help_text="Public code of what it is about.")
    reservation = models.ForeignKey(
        Reservation, null=True, blank=True, on_delete=models.PROTECT, related_name="journal"
    )
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.PROTECT, related_name="journal")
    pool = models.ForeignKey(Pool, null=True, blank=True, on_delete=models.PROTECT, related_name="journal")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_name = models.CharField(max_length=150)
    door = models.CharField(max_length=16)
    request_id = models.CharField(max_length=64, blank=True)
    message = models.CharField(max_length=500, help_text="One sentence for people.")
    facts = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["transaction_id", "id"]
        verbose_name_plural = "journal entries"
        indexes = [
            models.Index(fields=["transaction_id", "id"], name="journal_order"),
            models.Index(fields=["reservation", "transaction_id", "id"], name="journal_of_reservation"),
            models.Index(fields=["project", "transaction_id", "id"], name="journal_of_project"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
