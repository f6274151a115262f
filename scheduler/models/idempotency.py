"""One unsafe call under one key: same body, same answer."""

from django.conf import settings
from django.db import models

from scheduler import limits


class IdempotencyKey(models.Model):
    """Written first. Unanswered, the call is still running, or has died: then `locked_until` passes.

    `status` is then RUNNING, or COMMITTED as soon as what it changes has committed, with the code of that in `answer`.
    """

    RUNNING, COMMITTED = 0, 1
    UNANSWERED = (RUNNING, COMMITTED)  # any other is the status of the answer

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="idempotency_keys")
    key = models.CharField(max_length=limits.IDEMPOTENCY_KEY_CHARS_MAX)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    body_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.JSONField(null=True, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    locked_until = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key

    @property
    def is_answered(self) -> bool:
        return self.status not in self.UNANSWERED
