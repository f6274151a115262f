"""What is there: pools, device classes, blocks and hosts, described for the schema."""

from typing import Any

from rest_framework import serializers as s

from scheduler.queries.units import UNIT_STATES
from scheduler.states import MaintenanceScope

WIRE_STATES = [(str(state), str(state)) for state in UNIT_STATES]
MAINTENANCE_SCOPES = [(scope.value, scope.value) for scope in MaintenanceScope]


class Counts(s.Serializer[Any]):
    total = s.IntegerField()
    free = s.IntegerField(help_text="Free now and not cordoned.")
    cordoned = s.IntegerField()
    by_state = s.DictField(child=s.IntegerField())


class Pool(s.Serializer[Any]):
    code = s.CharField()
    name = s.CharField()
    time_zone = s.CharField()
    currency = s.CharField()
    generation = s.IntegerField(help_text="Moves with every change of allocations or inventory.")
    policy = s.DictField(help_text="Bounds and padding of reservations, as in the pool file.")
    blocks = s.DictField(child=Counts(), help_text="By device class.")
    hosts = Counts()


class DeviceClass(s.Serializer[Any]):
    code = s.CharField()
    name = s.CharField()
    vendor = s.CharField()
    kind = s.CharField()
    poolability = s.CharField()
    tdp_w = s.IntegerField(allow_null=True)
    memory_gib = s.FloatField(allow_null=True)
    rate_usd_per_hour = s.CharField(allow_null=True, help_text="Null is not priced, never free.")
    pools = s.DictField(child=Counts(), help_text="By pool.")


class Block(s.Serializer[Any]):
    code = s.CharField()
    pool = s.CharField()
    device_class = s.CharField()
    kind = s.CharField()
    chassis = s.CharField()
    switch = s.CharField(allow_blank=True)
    slot_kind = s.CharField()
    slot = s.IntegerField()
    zone = s.CharField(allow_null=True)
    state = s.ChoiceField(WIRE_STATES)
    state_reason = s.CharField(allow_blank=True, required=False)
    cordoned = s.BooleanField()
    host = s.CharField(allow_null=True)
    reservation = s.CharField(allow_null=True, help_text="Only where the caller may see it.")


class Host(s.Serializer[Any]):
    code = s.CharField()
    pool = s.CharField()
    model = s.CharField()
    template = s.CharField()
    rack = s.CharField()
    zone = s.CharField(allow_null=True)
    fixed = s.BooleanField(help_text="Its devices never leave it.")
    state = s.ChoiceField(WIRE_STATES)
    state_reason = s.CharField(allow_blank=True)
    cordoned = s.BooleanField()
    reservation = s.CharField(allow_null=True, help_text="Only where the caller may see it.")


class Maintenance(s.Serializer[Any]):
    code = s.CharField()
    pool = s.CharField()
    scope = s.ChoiceField(MAINTENANCE_SCOPES)
    target = s.CharField(help_text="Code of the block, host, PRU, rack or zone.")
    starts_at = s.DateTimeField()
    ends_at = s.DateTimeField()
    reason = s.CharField()
    begun = s.BooleanField()
