"""Who pays and who uses: projects, their members, their ceilings per pool."""

from django.conf import settings
from django.db import models

from fabric.models import Pool
from fabric.models._choices import choices
from scheduler.states import ProjectRole


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
        null=True, blank=True, help_text="Kept from the pool file; not enforced yet."
    )
    is_mig_only = models.BooleanField(default=False, help_text="Only MIG slices may be booked, no whole cards.")
    share_percent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["project_id", "pool_id"]
        constraints = [models.UniqueConstraint(fields=["project", "pool"], name="quota_once")]

    def __str__(self) -> str:
        return f"{self.project} on {self.pool}"
