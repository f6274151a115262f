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
    paused_reason = models.CharField(max_length=300, blank=True)
    paused_by = models.CharField(max_length=150, blank=True, help_text="A person, or the circuit breaker.")
    paused_at = models.DateTimeField(null=True, blank=True)
    sealed_credentials = models.TextField(blank=True, editable=False, help_text="Encrypted; never shown.")
    events_cursor = models.CharField(max_length=200, blank=True, editable=False)
    listed_at = models.DateTimeField(null=True, blank=True, help_text="Its last complete listing.")
    listing_error = models.CharField(max_length=300, blank=True, help_text="Why the last listing failed, if it did.")

    class Meta:
        ordering = ["pool_id", "code"]
        constraints = [models.UniqueConstraint(fields=["pool", "code"], name="fabric_manager_code")]

    def __str__(self) -> str:
        return self.code


class MutationTurn(models.Model):
    """The leave to change something on a fabric, with a lease: at most so many at once, across all processes."""

    fabric_manager = models.ForeignKey(FabricManager, on_delete=models.CASCADE, related_name="turns")
    op_key = models.CharField(max_length=120)
    until = models.DateTimeField(help_text="When it may be taken by somebody else.")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["fabric_manager", "op_key"], name="turn_once_per_operation")]

    def __str__(self) -> str:
        return self.op_key


class DriverNote(models.Model):
    """What a driver asked of a fabric that keeps no memory of it: written before the request, shared by all workers."""

    fabric_manager = models.ForeignKey(FabricManager, on_delete=models.CASCADE, related_name="notes")
    op_key = models.CharField(max_length=120)
    kind = models.CharField(max_length=16)
    tag = models.CharField(max_length=64, blank=True)
    body = models.JSONField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["fabric_manager", "tag"], name="note_by_tag")]
        constraints = [models.UniqueConstraint(fields=["fabric_manager", "op_key"], name="note_once_per_operation")]

    def __str__(self) -> str:
        return self.op_key


class DriverBlock(models.Model):
    """A block that a driver has seen, and whether it was used since it was last clean."""

    fabric_manager = models.ForeignKey(FabricManager, on_delete=models.CASCADE, related_name="seen_blocks")
    code = models.CharField(max_length=200)
    is_used = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["fabric_manager", "code"], name="seen_block_once")]

    def __str__(self) -> str:
        return self.code
