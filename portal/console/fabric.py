"""What exists: to look at, and to cordon or clear."""

from datetime import datetime

from django.contrib import admin

from fabric import models
from portal.console.acts import Act
from portal.console.bases import ReadOnlyAdmin, ReadOnlyInline
from scheduler.requests import Actor
from scheduler.services import cordon, quarantine

Unit = models.Host | models.ResourceBlock


def _cordon(unit: Unit, by: Actor, now: datetime, reason: str) -> bool:
    return cordon.cordon(unit=unit, by=by, now=now, reason=reason)


def _uncordon(unit: Unit, by: Actor, now: datetime, reason: str) -> bool:
    return cordon.uncordon(unit=unit, by=by, now=now)


def _clear(unit: Unit, by: Actor, now: datetime, reason: str) -> bool:
    return quarantine.clear(unit=unit, by=by, now=now, reason=reason)


UNIT_ACTS = [
    Act(
        name="cordon",
        title="Cordon",
        done="Cordoned",
        warning="These take no new reservations. What holds them already is left alone.",
        do=_cordon,
    ).as_action(),
    Act(
        name="uncordon",
        title="Uncordon",
        done="Uncordoned",
        warning="These take reservations again.",
        asks_reason=False,
        do=_uncordon,
    ).as_action(),
    Act(
        name="clear_quarantine",
        title="Clear quarantine",
        done="Offered again",
        warning="These are offered again, if the fabric shows them free and healthy. You vouch that they are clean.",
        do=_clear,
    ).as_action(),
]
UNIT_FILTERS = ("pool", "state", "is_cordoned", "zone")


@admin.register(models.Pool)
class PoolAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "time_zone", "currency", "generation", "synced_at")
    search_fields = ("code", "name")


@admin.register(models.Zone)
class ZoneAdmin(ReadOnlyAdmin):
    list_display = ("code", "pool", "fabric_manager", "is_present")
    list_filter = ("pool", "is_present")
    search_fields = ("code",)
    list_select_related = ("pool", "fabric_manager")


@admin.register(models.Network)
class NetworkAdmin(ReadOnlyAdmin):
    list_display = ("code", "pool", "protocol", "rails", "port_rate_gbit_per_s", "is_present")
    list_filter = ("pool", "protocol", "is_present")
    search_fields = ("code",)
    list_select_related = ("pool",)


@admin.register(models.Rack)
class RackAdmin(ReadOnlyAdmin):
    list_display = ("code", "pool", "room", "height_u", "budget_w", "cooling_limit_w", "is_present")
    list_filter = ("pool", "is_present")
    search_fields = ("code", "room")
    list_select_related = ("pool",)


@admin.register(models.Pru)
class PruAdmin(ReadOnlyAdmin):
    list_display = ("code", "pool", "rack", "zone", "model", "is_present")
    list_filter = ("pool", "template", "is_present")
    search_fields = ("code", "model")
    list_select_related = ("pool", "rack", "zone")


@admin.register(models.Host)
class HostAdmin(ReadOnlyAdmin):
    list_display = ("code", "pool", "zone", "rack", "model", "state", "is_cordoned", "cordon_reason", "is_fixed")
    list_filter = (*UNIT_FILTERS, "is_fixed")
    search_fields = ("code", "model", "address")
    list_select_related = ("pool", "zone", "rack")
    actions = UNIT_ACTS


class DeviceInline(ReadOnlyInline):
    model = models.Device
    show_change_link = False


@admin.register(models.ResourceBlock)
class ResourceBlockAdmin(ReadOnlyAdmin):
    list_display = (
        "code", "pool", "device_class", "pru", "fixed_host", "slot", "state", "state_reason", "is_cordoned",
        "cordon_reason",
    )  # fmt: skip
    list_filter = (*UNIT_FILTERS, "device_class")
    search_fields = ("code", "devices__serial", "pru__code")
    list_select_related = ("pool", "device_class", "pru", "fixed_host")
    actions = UNIT_ACTS
    inlines = (DeviceInline,)


@admin.register(models.Device)
class DeviceAdmin(ReadOnlyAdmin):
    list_display = ("serial", "block", "device_class", "pci_id")
    list_filter = ("block__pool", "block__device_class")
    search_fields = ("serial", "block__code", "pci_id")
    list_select_related = ("block__device_class",)

    @admin.display(ordering="block__device_class__code")
    def device_class(self, device: models.Device) -> str:
        return device.block.device_class.code


@admin.register(models.DeviceClass)
class DeviceClassAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "vendor", "kind", "poolability", "tdp_w", "memory_gib", "rate_usd_per_hour")
    list_filter = ("kind", "vendor", "poolability")
    search_fields = ("code", "name")
