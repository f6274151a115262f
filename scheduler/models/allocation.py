"""The plan on the calendar: one unit bound to one reservation, or one maintenance, for one padded window.

Written only by `services._commit`.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from fabric.models import Host, Pool, ResourceBlock
from scheduler.models.maintenance import Maintenance
from scheduler.models.reservation import Reservation


def _never_twice(unit: str) -> ExclusionConstraint:
    """The last wall against double booking. int8range needs no extension, unlike `=` on a bigint in GiST."""
    point = Func(F(unit), F(unit), Value("[]"), function="int8range", output_field=BigIntegerRangeField())
    return ExclusionConstraint(
        name=f"allocation_{unit}_once",
        condition=Q(is_holding=True, **{f"{unit}__isnull": False}),
        expressions=[(point, RangeOperators.OVERLAPS), ("during", RangeOperators.OVERLAPS)],
    )


class Allocation(models.Model):
    reservation = models.ForeignKey(
        Reservation, null=True, blank=True, on_delete=models.PROTECT, related_name="allocations"
    )
    maintenance = models.ForeignKey(
        Maintenance, null=True, blank=True, on_delete=models.PROTECT, related_name="allocations"
    )
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="allocations")
    block = models.ForeignKey(
        ResourceBlock, null=True, blank=True, on_delete=models.PROTECT, related_name="allocations"
    )
    host = models.ForeignKey(Host, null=True, blank=True, on_delete=models.PROTECT, related_name="allocations")
    node = models.PositiveSmallIntegerField()
    during = DateTimeRangeField(help_text="Padded, half-open.")
    is_holding = models.BooleanField(default=True, help_text="False once it is given back; kept as history.")
    watts = models.PositiveIntegerField(null=True, blank=True, help_text="Of a block under a power cap, else null.")
    network = models.CharField(max_length=64, blank=True, help_text="Of a host: the RDMA network it is joined to.")
    rails = models.PositiveSmallIntegerField(default=0, help_text="Of a host: ports of that network it takes.")
    planes = models.JSONField(default=dict, blank=True, help_text="Of a host: optical plane of its link to each PRU.")
    changed_in = models.BigIntegerField(
        default=0, help_text="The pool's generation that wrote this row last: readers catch up by it."
    )

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["pool", "is_holding"], name="allocation_in_pool", condition=Q(is_holding=True)),
            models.Index(fields=["pool", "changed_in"], name="allocation_changes"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(block__isnull=False, host__isnull=True) | Q(block__isnull=True, host__isnull=False),
                name="allocation_of_one_unit",
            ),
            models.CheckConstraint(
                condition=Q(reservation__isnull=False, maintenance__isnull=True)
                | Q(reservation__isnull=True, maintenance__isnull=False),
                name="allocation_for_one_purpose",
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False) | Q(is_holding=False), name="allocation_not_empty"
            ),
            _never_twice("block"),
            _never_twice("host"),
        ]

    def __str__(self) -> str:
        return f"{self.block or self.host} for {self.reservation or self.maintenance}"
