"""Requests that wait for a fit, and people who want to be told when there is one."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fabric.models import Pool
from scheduler.models.project import Project
from scheduler.models.reservation import Reservation


class WaitlistEntry(models.Model):
    """What a waitlisted reservation waits for: its mix, for so long, somewhere between two dates."""

    reservation = models.OneToOneField(Reservation, on_delete=models.PROTECT, related_name="waiting")
    not_before = models.DateTimeField()
    not_after = models.DateTimeField(help_text="The latest end.")
    duration_minutes = models.PositiveIntegerField()
    is_auto_accepted = models.BooleanField(default=False, help_text="Booked at once when its turn comes, not offered.")
    accept_minutes = models.PositiveSmallIntegerField(help_text="That an offer is kept.")
    queued_at = models.DateTimeField(help_text="Since when it waits; kept by what was preempted.")
    is_front = models.BooleanField(default=False, help_text="Was preempted: before the others of its class.")
    offers = models.PositiveSmallIntegerField(default=0)
    estimated_at = models.DateTimeField(null=True, blank=True, help_text="When it is likely to begin.")
    estimate = models.JSONField(default=dict, blank=True, help_text="What the estimate rests on.")
    reasons = models.JSONField(default=list, blank=True, help_text="Refusals of the last look.")
    guarded_from = models.DateTimeField(
        null=True, blank=True, help_text="Kept for it from then on, so that smaller ones do not starve it."
    )
    guard = models.JSONField(default=dict, blank=True, help_text="scheduler.planning.plan of what is kept for it.")
    looked_at = models.DateTimeField(null=True, blank=True)
    looked_in = models.BigIntegerField(null=True, blank=True, help_text="The pool's generation of the last look.")

    class Meta:
        ordering = ["reservation_id"]
        indexes = [
            models.Index(fields=["guarded_from"], name="waiting_guarded", condition=Q(guarded_from__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(not_after__gt=F("not_before")), name="waiting_between"),
        ]

    def __str__(self) -> str:
        return f"{self.reservation} waits"


class CapacityAlert(models.Model):
    """Somebody who only wants to hear that a mix would fit."""

    code = models.CharField(max_length=16, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="capacity_alerts")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="capacity_alerts")
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="capacity_alerts")
    request = models.JSONField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    duration_minutes = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text="Told once; then it is over.")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.code
