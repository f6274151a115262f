"""What a device costs an hour, by class, priority and time of day; history is kept by validity dates."""

from django.db import models
from django.db.models import F, Q

from fabric.models import DeviceClass, Pool
from fabric.models._choices import choices
from scheduler.states import Priority

MINUTES_PER_DAY = 24 * 60


class Rate(models.Model):
    """`usd_per_hour` sets the rate of a class; `percent` scales what holds without it. The narrowest one wins."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="rates")
    device_class = models.ForeignKey(DeviceClass, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    priority = models.CharField(max_length=16, choices=choices(Priority), blank=True, help_text="Empty: of every one.")
    weekdays = models.CharField(max_length=7, default="1234567", help_text="ISO numbers, 1 is Monday; pool's zone.")
    from_minute = models.PositiveSmallIntegerField(default=0, help_text="Of the day in the pool's zone.")
    until_minute = models.PositiveSmallIntegerField(default=MINUTES_PER_DAY)
    usd_per_hour = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    percent = models.PositiveSmallIntegerField(null=True, blank=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pool_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(usd_per_hour__isnull=True, percent__isnull=False)
                | Q(usd_per_hour__isnull=False, percent__isnull=True, device_class__isnull=False),
                name="rate_sets_or_scales",
            ),
            models.CheckConstraint(
                condition=Q(until_minute__gt=F("from_minute"), until_minute__lte=MINUTES_PER_DAY),
                name="rate_part_of_day",
            ),
        ]

    def __str__(self) -> str:
        return f"rate {self.pk} of {self.pool}"
