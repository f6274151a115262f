"""Which bookings need somebody's consent, what was decided, and who decides for whom."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fabric.models import DeviceClass, Pool
from fabric.models._choices import choices
from scheduler import limits
from scheduler.models.project import Project
from scheduler.models.reservation import Reservation
from scheduler.states import Priority, Route, Verdict


class ApprovalRule(models.Model):
    """Every condition that is set must hold; the strictest route of all rules that apply is taken."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="approval_rules")
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.PROTECT, related_name="approval_rules")
    device_class = models.ForeignKey(DeviceClass, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    priority = models.CharField(max_length=16, choices=choices(Priority), blank=True)
    devices_over = models.PositiveIntegerField(null=True, blank=True, help_text="Of the class, or accelerators.")
    hours_over = models.PositiveIntegerField(null=True, blank=True, help_text="Length of the window.")
    usd_over = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    route = models.CharField(max_length=16, choices=choices(Route), default=Route.LEAD)
    decide_minutes = models.PositiveIntegerField(default=24 * 60, help_text="Then the blocks are given back.")
    is_enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["pool_id", "id"]

    def __str__(self) -> str:
        return f"approval rule {self.pk} of {self.pool}"


class Approval(models.Model):
    """One question and its answer."""

    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="approvals")
    route = models.CharField(max_length=16, choices=choices(Route))
    because = models.JSONField(default=list, help_text="What of the rules applied, in words.")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    verdict = models.CharField(max_length=16, choices=choices(Verdict), blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="approvals"
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=limits.REASON_CHARS_MAX, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["reservation"], condition=Q(verdict=""), name="approval_one_open")
        ]

    def __str__(self) -> str:
        return f"approval of {self.reservation}"


class Delegation(models.Model):
    """Decides for another while that one is away: in one project, or (none) wherever the other may."""

    giver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="delegations")
    taker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="delegated")
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.PROTECT, related_name="delegations")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="delegation_window"),
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="delegation_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.taker} for {self.giver}"
