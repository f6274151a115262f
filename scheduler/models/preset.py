"""A saved mix that people begin from."""

from django.conf import settings
from django.db import models

from scheduler import limits
from scheduler.models.project import Project


class Preset(models.Model):
    """A project's own; those for everybody come with the product (`scheduler/presets.yaml`)."""

    code = models.CharField(max_length=16, unique=True)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="presets")
    name = models.CharField(max_length=limits.TITLE_CHARS_MAX)
    purpose = models.CharField(max_length=limits.REASON_CHARS_MAX, blank=True, help_text="What it is good for.")
    body = models.JSONField(help_text="Of a request: mix, placement, on_failure, duration_minutes.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="presets"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["project_id", "name", "id"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="preset_name_once")]

    def __str__(self) -> str:
        return f"{self.code}: {self.name}"
