"""What one person is told in the portal: failed, ending soon, ended."""

from django.conf import settings
from django.db import models

from fabric.models._choices import choices
from scheduler.models.journal import JournalEntry
from scheduler.models.reservation import Reservation
from scheduler.notice_topics import NoticeTopic


class Notice(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    reservation = models.ForeignKey(
        Reservation, null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="notices")
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["user", "entry"], name="notice_once")]
        indexes = [models.Index(fields=["user", "-id"], name="notice_of_user")]

    def __str__(self) -> str:
        return f"notice {self.pk}"


class NoticeChoice(models.Model):
    """What one person wants to be told; where there is none, the topic's default holds."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_choices")
    topic = models.CharField(max_length=16, choices=choices(NoticeTopic))
    is_wanted = models.BooleanField()

    class Meta:
        ordering = ["user_id", "topic"]
        constraints = [models.UniqueConstraint(fields=["user", "topic"], name="notice_choice_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.topic}"
