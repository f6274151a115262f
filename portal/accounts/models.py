"""A person, and a token with which a program acts for that person."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from scheduler import limits
from scheduler.models import Project


class User(AbstractUser):
    """Operators are staff who hold the permissions `scheduler.operate_pool` and `scheduler.view_all`."""

    time_zone = models.CharField(
        max_length=64, blank=True, help_text="IANA name; empty: the browser's, else the pool's."
    )


class ApiToken(models.Model):
    """Shown once, kept as SHA-256 of 32 random bytes. No scopes means: all its user may."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=limits.TOKEN_NAME_CHARS_MAX)
    prefix = models.CharField(max_length=16, unique=True)
    secret_sha256 = models.CharField(max_length=64)
    scopes = models.JSONField(default=list, blank=True)
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.PROTECT, related_name="api_tokens")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="Written at most once a minute.")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
