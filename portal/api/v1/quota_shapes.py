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


class PoolQuota(Used):
    pool = s.CharField()
    accelerators_max = s.IntegerField(allow_null=True, help_text="Held at once; null is no ceiling.")
    gpu_hours_per_month = s.IntegerField(allow_null=True, help_text="As agreed; booking more is not refused yet.")
    mig_only = s.BooleanField(help_text="Only MIG slices may be booked, no whole cards.")
    month_starts_at = s.DateTimeField(help_text="The calendar month in the pool's time zone.")
    month_ends_at = s.DateTimeField()
    device_classes = ClassUsed(many=True)


class ProjectQuota(s.Serializer[Any]):
    project = s.CharField()
    pools = PoolQuota(many=True)
