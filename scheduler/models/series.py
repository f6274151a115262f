"""Windows that come again, in the wall-clock time of the person who asked."""

from django.conf import settings
from django.db import models

from fabric.models import Pool
from fabric.models._choices import choices
from scheduler import limits
from scheduler.models.project import Project
from scheduler.states import Misfit


class Series(models.Model):
    """An RFC 5545 recurrence; each occurrence is a reservation of its own, with its window as `occurrence_at`."""

    code = models.CharField(max_length=16, unique=True)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="series")
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="series")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="series")
    title = models.CharField(max_length=limits.TITLE_CHARS_MAX, blank=True)
    rule = models.CharField(max_length=limits.RRULE_CHARS_MAX, help_text="RRULE, without the name.")
    time_zone = models.CharField(max_length=64, help_text="IANA name: the requester's.")
    starts_local = models.CharField(max_length=19, help_text="Wall clock of the first start, without an offset.")
    duration_minutes = models.PositiveIntegerField(help_text="Of elapsed time, also across a change of the clocks.")
    request = models.JSONField(help_text="Of a reservation, without its times.")
    on_misfit = models.CharField(max_length=16, choices=choices(Misfit), default=Misfit.REFUSE)
    in_gap = models.CharField(max_length=8, blank=True, help_text="A start that the clocks leave out: later or skip.")
    in_fold = models.CharField(max_length=8, blank=True, help_text="A start that comes twice: first or second.")
    excluded = models.JSONField(default=list, blank=True, help_text="Local starts taken out: EXDATE.")
    misfits = models.JSONField(default=list, blank=True, help_text="Occurrences that were not granted, and why.")
    version = models.PositiveIntegerField(default=1)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.code
