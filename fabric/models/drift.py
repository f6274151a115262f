"""Where the fabric differs from the rows, until somebody or something settles it."""

from django.db import models

from fabric.models._choices import choices
from fabric.models.inventory import ResourceBlock
from fabric.models.pool import FabricManager, Pool
from fabric.states import DriftKind, RepairKind, RepairState


class Drift(models.Model):
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT)
    block = models.ForeignKey(ResourceBlock, on_delete=models.PROTECT, null=True, blank=True, related_name="drifts")
    kind = models.CharField(max_length=16, choices=choices(DriftKind))
    tag = models.CharField(max_length=64, blank=True)
    expected = models.CharField(max_length=200, blank=True)
    observed = models.CharField(max_length=200, blank=True)
    sightings = models.PositiveIntegerField(
        default=1, help_text="Complete listings in a row that showed just this; a partial one says nothing."
    )
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=300, blank=True, help_text="What was done about it, and by whom.")

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


class Repair(models.Model):
    """The intent row of what the reconciler, or an operator, has done on the fabric outside of any composition."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT)
    fabric_manager = models.ForeignKey(FabricManager, on_delete=models.PROTECT, related_name="repairs")
    drift = models.ForeignKey(Drift, on_delete=models.PROTECT, null=True, blank=True, related_name="repairs")
    kind = models.CharField(max_length=16, choices=choices(RepairKind))
    state = models.CharField(max_length=16, choices=choices(RepairState), default=RepairState.OPEN.value)
    op_key = models.CharField(max_length=120, unique=True)
    tag = models.CharField(max_length=64, blank=True, help_text="Of the orphan that is taken apart.")
    blocks = models.JSONField(default=list, help_text="Codes of the blocks it acts on.")
    reason = models.CharField(max_length=300)
    by_name = models.CharField(max_length=150)
    attempt = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True, help_text="How it went last.")
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.op_key
