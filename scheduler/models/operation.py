"""Due work. The database is the queue; a Celery message carries an operation's id as a hint and nothing else."""

from django.db import models
from django.db.models import Q

from fabric.models import Composition, FabricManager, Resize
from fabric.models._choices import choices
from scheduler.models.reservation import Reservation
from scheduler.states import OPEN_OPERATIONS, OperationKind, OperationState


class Operation(models.Model):
    """One node to compose or to release.

    `fence` rises with every take-over; a write with an older one changes nothing.
    """

    kind = models.CharField(max_length=16, choices=choices(OperationKind))
    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="operations")
    composition = models.ForeignKey(Composition, on_delete=models.PROTECT, related_name="operations")
    resize = models.ForeignKey(Resize, null=True, blank=True, on_delete=models.PROTECT, related_name="operations")
    fabric_manager = models.ForeignKey(FabricManager, on_delete=models.PROTECT, related_name="operations")
    state = models.CharField(max_length=16, choices=choices(OperationState), default=OperationState.QUEUED)
    due_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    attempt = models.PositiveIntegerField(default=0)
    fence = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=100, blank=True)
    hinted_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["due_at", "id"], name="operation_due", condition=Q(state__in=sorted(OPEN_OPERATIONS)))
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["composition", "kind"],
                condition=Q(state__in=sorted(OPEN_OPERATIONS)),
                name="operation_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.composition_id}"
