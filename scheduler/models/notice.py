"""What one person is told in the portal: failed, ending soon, ended."""

from django.conf import settings
from django.db import models

from scheduler.models.journal import JournalEntry
from scheduler.models.reservation import Reservation


class Notice(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="notices")
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="notices")
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["user", "entry"], name="notice_once")]
        indexes = [models.Index(fields=["user", "-id"], name="notice_of_user")]

    def __str__(self) -> str:
        return f"notice {self.pk}"
