"""The user's object, and the quote that may precede it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fabric.models import Pool
from fabric.models._choices import choices
from scheduler import limits
from scheduler.models.project import Project
from scheduler.states import LIVE, UPCOMING, Priority, ReservationState

_NOT_OVER = sorted(LIVE | UPCOMING)


class Reservation(models.Model):
    """Mix × window × project with a state. Never deleted; ends with a reason."""

    code = models.CharField(max_length=16, unique=True)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="reservations")
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="reservations")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="reservations"
    )
    former_bookers = models.JSONField(
        default=list,
        blank=True,
        help_text="Ids of who had it before it was handed over: they do not consent.",
    )
    title = models.CharField(max_length=limits.TITLE_CHARS_MAX, blank=True)
    request = models.JSONField(help_text="The body it was asked with.")
    plan = models.JSONField(help_text="scheduler.planning.plan: nodes, hosts, blocks.")
    price = models.JSONField(help_text="Total and parts at the rates it was booked at.")
    watts = models.PositiveIntegerField(default=0, help_text="Worst case of its devices.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    busy_from = models.DateTimeField(help_text="Start of the padded window: composing begins here.")
    busy_until = models.DateTimeField()
    is_now = models.BooleanField(default=False)
    is_pinned = models.BooleanField(default=False, help_text="Its plan is never moved to make room for another.")
    state = models.CharField(max_length=20, choices=choices(ReservationState))
    state_reason = models.CharField(max_length=500, blank=True)
    release_intent = models.CharField(
        max_length=20, blank=True, help_text="Where releasing leads: ended, cancelled or failed."
    )
    version = models.PositiveIntegerField(default=1)
    hold_expires_at = models.DateTimeField(null=True, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True, help_text="When the lifecycle must look at it again.")
    priority = models.CharField(max_length=16, choices=choices(Priority), default=Priority.NORMAL)
    is_beyond_quota = models.BooleanField(
        default=False, help_text="Idle capacity taken near its time, beyond the project's ceilings."
    )
    preempt_at = models.DateTimeField(
        null=True, blank=True, help_text="Its people were told that it is taken apart then, for a higher priority."
    )
    preempted_for = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="preempted")
    series = models.ForeignKey(
        "scheduler.Series", null=True, blank=True, on_delete=models.PROTECT, related_name="occurrences"
    )
    occurrence_at = models.DateTimeField(null=True, blank=True, help_text="Where its series put it: RECURRENCE-ID.")
    is_exception = models.BooleanField(default=False, help_text="Changed on its own: edits of the series leave it be.")
    auto_extend_until = models.DateTimeField(
        null=True, blank=True, help_text="It is extended by itself, while it fits, up to then."
    )
    elastic = models.JSONField(
        default=dict, blank=True, help_text="By role: floor and ceiling of nodes, and a weekday profile."
    )
    idle_since = models.DateTimeField(null=True, blank=True, help_text="No device of it was busy since then.")
    idle_warned_at = models.DateTimeField(null=True, blank=True)
    starting_soon_told_at = models.DateTimeField(null=True, blank=True)
    swaps = models.PositiveSmallIntegerField(default=0, help_text="Devices swapped while it was composed.")
    shortfall = models.JSONField(
        default=list, blank=True, help_text="Devices it goes without: node, block, device_class, since, tried_until."
    )
    ending_soon_told_at = models.DateTimeField(null=True, blank=True)
    check_in_due_at = models.DateTimeField(
        null=True, blank=True, help_text="Until when somebody must check in; none: the pool's policy asks for none."
    )
    checked_in_at = models.DateTimeField(null=True, blank=True)
    active_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    copied_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="copies")
    idempotency_key = models.OneToOneField(
        "scheduler.IdempotencyKey", null=True, blank=True, on_delete=models.SET_NULL, related_name="reservation"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("operate_pool", "May cordon, quarantine and force-release"),
            ("view_all", "May see every project"),
        ]
        indexes = [
            models.Index(fields=["next_due_at", "id"], name="reservation_due", condition=Q(next_due_at__isnull=False)),
            models.Index(fields=["project", "-id"], name="reservation_of_project"),
            models.Index(fields=["pool", "state"], name="reservation_in_pool"),
            models.Index(
                fields=["created_by", "busy_from", "id"], name="reservation_own", condition=Q(state__in=_NOT_OVER)
            ),
            models.Index(
                fields=["project", "starts_at", "id"], name="reservation_ahead", condition=Q(state__in=_NOT_OVER)
            ),
            models.Index(fields=["project", "busy_from", "busy_until"], name="reservation_in_period"),
            models.Index(fields=["preempt_at"], name="reservation_giving_way", condition=Q(preempt_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="reservation_window"),
            models.CheckConstraint(
                condition=Q(busy_from__lte=F("starts_at"), busy_until__gte=F("ends_at")), name="reservation_padding"
            ),
            models.UniqueConstraint(
                fields=["series", "occurrence_at"], condition=Q(series__isnull=False), name="reservation_of_series_once"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Quote(models.Model):
    """A plan with its price and expiry; accepting it commits exactly that plan or says why it no longer fits."""

    code = models.CharField(max_length=16, unique=True)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="quotes")
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="quotes")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="quotes")
    request = models.JSONField()
    plan = models.JSONField()
    price = models.JSONField()
    watts = models.PositiveIntegerField()
    warm_up_seconds = models.PositiveIntegerField()
    expires_at = models.DateTimeField()
    accepted_as = models.OneToOneField(
        Reservation, null=True, blank=True, on_delete=models.PROTECT, related_name="quote"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.code
