"""Who pays and who uses: projects, their members, their ceilings per pool."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from fabric.models import DeviceClass, Pool
from fabric.models._choices import choices
from scheduler.states import Priority, ProjectRole


class Project(models.Model):
    slug = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class Membership(models.Model):
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=choices(ProjectRole), default=ProjectRole.MEMBER)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["project_id", "id"]
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.project} as {self.role}"


class Quota(models.Model):
    """Ceiling of one project on one pool; null is unlimited. The lock row of the project's admissions there."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="quotas")
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="quotas")
    accelerators_max = models.PositiveIntegerField(null=True, blank=True, help_text="Accelerators held at one instant.")
    gpu_hours_per_month = models.PositiveIntegerField(
        null=True, blank=True, help_text="Accelerator-hours of a calendar month in the pool's zone."
    )
    hours_per_7_days = models.PositiveIntegerField(null=True, blank=True, help_text="Accelerator-hours, rolling.")
    hours_per_30_days = models.PositiveIntegerField(null=True, blank=True, help_text="Accelerator-hours, rolling.")
    hours_ahead_max = models.PositiveIntegerField(
        null=True, blank=True, help_text="Accelerator-hours booked and not begun, at most."
    )
    near_term_hours = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Idle capacity that begins so soon may exceed the quota, and is marked so."
    )
    horizon_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="None: the pool's.")
    min_duration_minutes = models.PositiveIntegerField(null=True, blank=True, help_text="None: the pool's.")
    max_duration_hours = models.PositiveIntegerField(null=True, blank=True, help_text="None: the pool's.")
    min_lead_minutes = models.PositiveIntegerField(null=True, blank=True, help_text="None: the pool's.")
    priority_max = models.CharField(
        max_length=16, choices=choices(Priority), default=Priority.NORMAL, help_text="The highest it may book with."
    )
    budget_usd_per_month = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    is_mig_only = models.BooleanField(default=False, help_text="Only MIG slices may be booked, no whole cards.")
    share_percent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["project_id", "pool_id"]
        constraints = [models.UniqueConstraint(fields=["project", "pool"], name="quota_once")]

    def __str__(self) -> str:
        return f"{self.project} on {self.pool}"


class Ceiling(models.Model):
    """A quota's ceiling on one device class, or on one kind of device; null is unlimited. Hours are device-hours."""

    quota = models.ForeignKey(Quota, on_delete=models.CASCADE, related_name="ceilings")
    device_class = models.ForeignKey(DeviceClass, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=32, blank=True, help_text="Such as gpu or nvme; empty: of the class.")
    devices_max = models.PositiveIntegerField(null=True, blank=True, help_text="Held at one instant.")
    hours_per_month = models.PositiveIntegerField(null=True, blank=True, help_text="Calendar month, pool's zone.")
    hours_per_7_days = models.PositiveIntegerField(null=True, blank=True, help_text="Rolling.")
    hours_per_30_days = models.PositiveIntegerField(null=True, blank=True, help_text="Rolling.")
    hours_ahead_max = models.PositiveIntegerField(null=True, blank=True, help_text="Booked and not begun.")

    class Meta:
        ordering = ["quota_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(device_class__isnull=False, kind="") | (Q(device_class__isnull=True) & ~Q(kind="")),
                name="ceiling_of_one",
            ),
            models.UniqueConstraint(
                fields=["quota", "device_class", "kind"], nulls_distinct=False, name="ceiling_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quota}: {self.device_class or self.kind}"
