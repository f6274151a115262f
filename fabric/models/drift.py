"""Where the fabric differs from the rows, until somebody or something settles it."""

from django.db import models

from fabric.models._choices import choices
from fabric.models.inventory import ResourceBlock
from fabric.models.pool import Pool
from fabric.states import DriftKind


class Drift(models.Model):
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT)
    block = models.ForeignKey(ResourceBlock, on_delete=models.PROTECT, null=True, blank=True, related_name="drifts")
    kind = models.CharField(max_length=16, choices=choices(DriftKind))
    tag = models.CharField(max_length=64, blank=True)
    expected = models.CharField(max_length=200, blank=True)
    observed = models.CharField(max_length=200, blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["block", "kind"],
                condition=models.Q(resolved_at__isnull=True, block__isnull=False),
                name="drift_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.block or self.tag}"
