"""Zones, racks, hosts, PRUs, blocks and devices: what a pool file or a fabric listing says is there."""

from django.db import models

from fabric.models._choices import choices
from fabric.models.pool import FabricManager, Pool
from fabric.states import BlockState


class DeviceClass(models.Model):
    """The kind a user may ask for; one catalogue entry. `facts` keeps the whole entry."""

    code = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    vendor = models.CharField(max_length=100)
    kind = models.CharField(max_length=32)
    poolability = models.CharField(max_length=32)
    tdp_w = models.PositiveIntegerField(null=True, blank=True)
    memory_gib = models.FloatField(null=True, blank=True)
    rate_usd_per_hour = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    facts = models.JSONField()

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "device classes"

    def __str__(self) -> str:
        return self.code


class PoolPart(models.Model):
    """A named thing of one pool."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT)
    code = models.SlugField(max_length=64)

    class Meta:
        abstract = True
        ordering = ["pool_id", "code"]

    def __str__(self) -> str:
        return self.code


class Fixture(PoolPart):
    """Something that is not allocated itself; `is_present` turns false when the pool file no longer names it."""

    is_present = models.BooleanField(default=True)

    class Meta(PoolPart.Meta):
        abstract = True


class Zone(Fixture):
    fabric_manager = models.ForeignKey(FabricManager, on_delete=models.PROTECT, related_name="zones")

    class Meta(PoolPart.Meta):
        constraints = [models.UniqueConstraint(fields=["pool", "code"], name="zone_code")]


class Network(Fixture):
    protocol = models.CharField(max_length=32)
    rails = models.PositiveSmallIntegerField()
    port_rate_gbit_per_s = models.PositiveIntegerField()
    switch_ports = models.PositiveIntegerField()

    class Meta(PoolPart.Meta):
        constraints = [models.UniqueConstraint(fields=["pool", "code"], name="network_code")]


class Rack(Fixture):
    room = models.CharField(max_length=64, blank=True)
    height_u = models.PositiveSmallIntegerField()
    budget_w = models.PositiveIntegerField()
    cooling_limit_w = models.PositiveIntegerField()
    facts = models.JSONField(default=dict, help_text="`power` and `cooling` of the pool file.")

    class Meta(PoolPart.Meta):
        constraints = [models.UniqueConstraint(fields=["pool", "code"], name="rack_code")]


class Pru(Fixture):
    rack = models.ForeignKey(Rack, on_delete=models.PROTECT, related_name="prus")
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, null=True, blank=True, related_name="prus")
    unit = models.PositiveSmallIntegerField()
    template = models.CharField(max_length=64)
    model = models.CharField(max_length=200)
    base_w = models.PositiveIntegerField()
    facts = models.JSONField(help_text="Uplinks, slots and switches of the template.")

    class Meta(PoolPart.Meta):
        verbose_name = "PRU"
        constraints = [models.UniqueConstraint(fields=["pool", "code"], name="pru_code")]


class Unit(PoolPart):
    """Something an allocation binds: a block or a host."""

    state = models.CharField(max_length=16, choices=choices(BlockState), default=BlockState.FREE.value)
    state_reason = models.CharField(max_length=300, blank=True)
    is_cordoned = models.BooleanField(default=False)
    cordon_reason = models.CharField(max_length=300, blank=True)
    cordoned_by = models.CharField(max_length=150, blank=True)

    class Meta(PoolPart.Meta):
        abstract = True


class Host(Unit):
    """The compute side. A fixed system is a host whose devices never leave it (`is_fixed`)."""

    rack = models.ForeignKey(Rack, on_delete=models.PROTECT, related_name="hosts")
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, null=True, blank=True, related_name="hosts")
    unit = models.PositiveSmallIntegerField()
    template = models.CharField(max_length=64)
    model = models.CharField(max_length=200)
    is_fixed = models.BooleanField(default=False)
    address = models.CharField(max_length=200, blank=True, help_text="How a tenant reaches it.")
    boot_id = models.CharField(max_length=64, blank=True, help_text="Of its last boot, where the fabric tells.")
    base_w = models.PositiveIntegerField()
    facts = models.JSONField(help_text="Sockets, cores, memory, ports, limits, local devices, fabric partitions.")

    class Meta(Unit.Meta):
        constraints = [models.UniqueConstraint(fields=["pool", "code"], name="host_code")]


class ResourceBlock(Unit):
    """Smallest unit the fabric can attach and we allocate: one card, drive or NIC."""

    device_class = models.ForeignKey(DeviceClass, on_delete=models.PROTECT, related_name="blocks")
    pru = models.ForeignKey(Pru, on_delete=models.PROTECT, null=True, blank=True, related_name="blocks")
    fixed_host = models.ForeignKey(Host, on_delete=models.PROTECT, null=True, blank=True, related_name="fixed_blocks")
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, null=True, blank=True, related_name="blocks")
    switch = models.CharField(max_length=32, blank=True)
    slot_kind = models.CharField(max_length=16)
    slot = models.PositiveSmallIntegerField()
    bridge_group = models.CharField(max_length=64, blank=True)
    is_mig_capable = models.BooleanField(default=False)

    class Meta(Unit.Meta):
        indexes = [models.Index(fields=["pool", "device_class"], name="block_by_class")]
        constraints = [
            models.UniqueConstraint(fields=["pool", "code"], name="block_code"),
            models.CheckConstraint(
                condition=models.Q(pru__isnull=False, fixed_host__isnull=True)
                | models.Q(pru__isnull=True, fixed_host__isnull=False),
                name="block_in_one_chassis",
            ),
        ]


class Device(models.Model):
    """The hardware in a block, known by its serial number (derived from the block's code for a file pool)."""

    block = models.ForeignKey(ResourceBlock, on_delete=models.CASCADE, related_name="devices")
    serial = models.CharField(max_length=64)
    pci_id = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering = ["block_id", "id"]
        constraints = [models.UniqueConstraint(fields=["block", "serial"], name="device_serial")]

    def __str__(self) -> str:
        return self.serial
