"""Pools and the fabric managers that wire them."""

from django.db import models


class Pool(models.Model):
    """Everything one fabric manager lets us compose: the unit of consistency (one generation, one lock)."""

    code = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    generation = models.BigIntegerField(
        default=0, help_text="Moves with every accepted change of allocations or inventory."
    )
    inventory_generation = models.BigIntegerField(
        default=0, help_text="Moves with every change of what can be planned with, but not with allocations."
    )
    policy = models.JSONField(help_text="Keys of `policy` in the pool file.")
    simulation = models.JSONField(default=dict, blank=True)
    source = models.CharField(max_length=300, blank=True, help_text="The file it was loaded from.")
    synced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class FabricManager(models.Model):
    """The external system we drive: an endpoint, a driver's name and its profile."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="fabric_managers")
    code = models.SlugField(max_length=64)
    driver = models.CharField(max_length=32, default="emulator")
    endpoint = models.CharField(max_length=500, blank=True)
    medium = models.CharField(max_length=32, blank=True)
    planes = models.JSONField(default=list, help_text="Optical planes: id, switch, ports, reconfigure_ms.")
    profile = models.JSONField(
        default=dict, blank=True, help_text="What an operator overlays on the driver's capabilities."
    )
    max_parallel_mutations = models.PositiveSmallIntegerField(default=1)
    is_paused = models.BooleanField(default=False, help_text="No mutations; reads go on.")

    class Meta:
        ordering = ["pool_id", "code"]
        constraints = [models.UniqueConstraint(fields=["pool", "code"], name="fabric_manager_code")]

    def __str__(self) -> str:
        return self.code
