"""A person, a token with which a program acts for that person, and the secret addresses of their calendars."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from fabric.models import Pool
from portal.accounts.themes import Theme
from scheduler import limits
from scheduler.models import Project


class User(AbstractUser):
    """Operators are staff who hold the permissions `scheduler.operate_pool` and `scheduler.view_all`."""

    time_zone = models.CharField(
        max_length=64, blank=True, help_text="IANA name; empty: the browser's, else the pool's."
    )
    theme = models.CharField(
        max_length=8, choices=[(theme.value, theme.label) for theme in Theme], default=Theme.SYSTEM
    )
    service_of = models.ForeignKey(
        Project,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="service_accounts",
        help_text="A program of this project, for which nobody signs in; none: a person.",
    )
    toured_at = models.DateTimeField(null=True, blank=True, help_text="When the first tour was finished or sent away.")


class ApiToken(models.Model):
    """Shown once, kept as SHA-256 of 32 random bytes. No scopes means: all its user may."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=limits.TOKEN_NAME_CHARS_MAX)
    prefix = models.CharField(max_length=16, unique=True)
    secret_sha256 = models.CharField(max_length=64)
    scopes = models.JSONField(default=list, blank=True)
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.PROTECT, related_name="api_tokens")
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Of a service account: who."
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="Written at most once a minute.")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class CalendarFeed(models.Model):
    """A secret address that calendar programs read: of one person's own, a project's, or a pool's reservations.

    Kept as SHA-256 as a token is, and shown once. It shows what its user may see at the time it is read.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="calendar_feeds")
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.PROTECT, related_name="calendar_feeds")
    pool = models.ForeignKey(Pool, null=True, blank=True, on_delete=models.PROTECT, related_name="calendar_feeds")
    prefix = models.CharField(max_length=16, unique=True)
    secret_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True, blank=True, help_text="Written at most once a minute.")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(project__isnull=True) | Q(pool__isnull=True), name="calendar_feed_of_one"
            ),
            models.UniqueConstraint(
                fields=["user", "project", "pool"], nulls_distinct=False, name="calendar_feed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"calendar {self.prefix}…"
