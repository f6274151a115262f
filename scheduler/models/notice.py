"""What one person is told, in the portal and by mail, and what they want to be told."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from fabric.models._choices import choices
from scheduler.models.journal import JournalEntry
from scheduler.models.reservation import Reservation
from scheduler.notice_topics import Channel, NoticeTopic
from scheduler.states import LetterState


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
    channel = models.CharField(max_length=16, choices=choices(Channel), default=Channel.PORTAL)
    is_wanted = models.BooleanField()

    class Meta:
        ordering = ["user_id", "topic"]
        constraints = [models.UniqueConstraint(fields=["user", "topic", "channel"], name="notice_choice_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.topic}"


class NoticeTimes(models.Model):
    """When one person's mail may come; wall clock of their zone. No row: at once, at any hour."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_times")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    digest_at = models.TimeField(null=True, blank=True, help_text="Once a day then, in one letter; none: at once.")

    class Meta:
        ordering = ["user_id"]
        verbose_name_plural = "notice times"

    def __str__(self) -> str:
        return f"times of {self.user_id}"


class Letter(models.Model):
    """One mail of the outbox: written in the transaction of what it tells, sent after it, tried again until it is."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="letters")
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="letters")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=choices(LetterState), default=LetterState.PENDING)
    sent_in = models.CharField(max_length=64, blank=True, help_text="Message-ID of the mail that carried it.")
    tries = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.BigIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["user", "entry"], name="letter_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], name="letter_due", condition=Q(state=LetterState.PENDING)),
        ]

    def __str__(self) -> str:
        return f"letter {self.pk}"
