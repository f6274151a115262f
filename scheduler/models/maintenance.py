"""A time in which something is out of service: its units are held on the calendar as a reservation's are."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fabric.models import Pool
from fabric.models._choices import choices
from scheduler import limits
from scheduler.states import MaintenanceScope


class Maintenance(models.Model):
    """Which units follow from scope and target when it is planned; its allocations say which are really held."""

    code = models.CharField(max_length=16, unique=True)
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="maintenances")
    scope = models.CharField(max_length=8, choices=choices(MaintenanceScope))
    target = models.CharField(max_length=64, help_text="Code of the block, host, PRU, rack or zone.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=limits.REASON_CHARS_MAX)
    created_by_name = models.CharField(max_length=150)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="maintenances"
    )
    created_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True, help_text="When it was over, or called off.")
    is_cancelled = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="maintenance_window")]

    def __str__(self) -> str:
        return f"{self.code}: {self.scope} {self.target}"
