"""A project's quotas and what is used of them, described for the schema."""

from typing import Any

from rest_framework import serializers as s


class Used(s.Serializer[Any]):
    held = s.IntegerField(help_text="Accelerators in padded windows that cover now.")
    most = s.IntegerField(help_text="The most held at any instant from now on, as it is booked.")
    most_at = s.DateTimeField(
        allow_null=True, help_text="The first instant of it; null where nothing is held or booked."
    )
    hours_used = s.FloatField(help_text="Device-hours of this month until now; padding is not counted.")
    hours_booked = s.FloatField(help_text="From now to the end of the month.")


class ClassUsed(Used):
    device_class = s.CharField()


class CeilingUsed(s.Serializer[Any]):
    device_class = s.CharField(allow_null=True, help_text="Of one class; null with no kind: accelerators.")
    kind = s.CharField(allow_null=True, help_text="Of one kind of device, such as gpu or nvme.")
    period = s.ChoiceField(
        choices=["at_once", "month", "7_days", "30_days", "ahead"],
        help_text="Devices at once, or hours: of the calendar month, of any 7 or 30 days, booked and not begun.",
    )
    ceiling = s.IntegerField()
    used = s.FloatField(help_text="At the worst instant, or in the worst such period, from now on, as it is booked.")
    starts_at = s.DateTimeField(allow_null=True, help_text="Of that period; null at once.")
    ends_at = s.DateTimeField(allow_null=True)


class QuotaBounds(s.Serializer[Any]):
    """Of this project here; null is the pool's own."""

    near_term_hours = s.IntegerField(
        allow_null=True, help_text="What begins so soon may exceed devices and hours, and is marked beyond the quota."
    )
    horizon_days = s.IntegerField(allow_null=True)
    min_duration_minutes = s.IntegerField(allow_null=True)
    max_duration_hours = s.IntegerField(allow_null=True)
    min_lead_minutes = s.IntegerField(allow_null=True)
    priority_max = s.CharField(allow_null=True, help_text="The highest it may book with; null: any.")


class PoolQuota(Used):
    pool = s.CharField()
    accelerators_max = s.IntegerField(allow_null=True, help_text="Held at once; null is no ceiling.")
    gpu_hours_per_month = s.IntegerField(allow_null=True, help_text="Of accelerators; null is no ceiling.")
    mig_only = s.BooleanField(help_text="Only MIG slices may be booked, no whole cards.")
    month_starts_at = s.DateTimeField(help_text="The calendar month in the pool's time zone.")
    month_ends_at = s.DateTimeField()
    device_classes = ClassUsed(many=True)
    ceilings = CeilingUsed(many=True, help_text="Every ceiling that is set, with what of it is used.")
    bounds = QuotaBounds()


class ProjectQuota(s.Serializer[Any]):
    project = s.CharField()
    pools = PoolQuota(many=True)
