"""What exists: to look at, and to cordon or clear."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import admin

from fabric import models
from portal.console.acts import Act
from portal.console.affected import holder_lines
from portal.console.bases import ReadOnlyAdmin, ReadOnlyInline
from portal.console.drift import LOOK_AT_POOL
from portal.web.present.words import plural
from scheduler.requests import Actor
from scheduler.services import cordon, quarantine
from scheduler.services.vacate import vacate
from scheduler.states import MaintenanceScope

Unit = models.Host | models.ResourceBlock
Target = models.Host | models.ResourceBlock | models.Pru | models.Rack | models.Zone


def _cordon(unit: Unit, by: Actor, now: datetime, reason: str) -> bool:
    return cordon.cordon(unit=unit, by=by, now=now, reason=reason)


def _uncordon(unit: Unit, by: Actor, now: datetime, reason: str) -> bool:
    return cordon.uncordon(unit=unit, by=by, now=now, reason=reason)


def _clear(unit: Unit, by: Actor, now: datetime, reason: str) -> bool:
    return quarantine.clear(unit=unit, by=by, now=now, reason=reason)


SCOPES: Mapping[type[Target], MaintenanceScope] = {
    models.ResourceBlock: MaintenanceScope.BLOCK,
    models.Host: MaintenanceScope.HOST,
    models.Pru: MaintenanceScope.PRU,
    models.Rack: MaintenanceScope.RACK,
    models.Zone: MaintenanceScope.ZONE,
}


def _scope_of(target: Target) -> dict[str, Any]:
    return {"pool": target.pool, "scope": SCOPES[type(target)], "target": target.code}


def _holders(target: Target) -> list[str]:
    return holder_lines(**_scope_of(target))


def _cordon_scope(target: Target, by: Actor, now: datetime, reason: str) -> str:
    done = cordon.cordon_scope(**_scope_of(target), by=by, now=now, reason=reason)
    return f"{plural(done.changed, 'unit')}." if done.changed else ""


def _vacate(target: Target, by: Actor, now: datetime, reason: str) -> str:
    done, planned = vacate(**_scope_of(target), by=by, now=now, reason=reason)
    moved = f" Moved: {', '.join(planned.moved)}." if planned.moved else ""
    stuck = f" Not moved: {', '.join(one.reservation for one in planned.stuck)}." if planned.stuck else ""
    is_done = done.changed or planned.moved or planned.stuck
    return f"{plural(done.changed, 'unit')} cordoned.{moved}{stuck}" if is_done else ""


def _uncordon_scope(target: Target, by: Actor, now: datetime, reason: str) -> str:
    freed = cordon.uncordon_scope(**_scope_of(target), by=by, now=now, reason=reason)
    return f"{plural(freed, 'unit')}." if freed else ""


VACATE = Act(
    name="vacate",
    title="Cordon all of it and move who has not begun",
    done="Cordoned",
    warning=(
        "What is in these takes no new reservations. Those that have not begun get other devices where there are "
        "any, and are told; those in use, and those for which there are none, keep it until you decide."
    ),
    do=_vacate,
    about=_holders,
)
UNIT_ACTS = [
    Act(
        name="cordon",
        title="Cordon",
        done="Cordoned",
        warning="These take no new reservations. What holds them already is left alone.",
        do=_cordon,
        about=_holders,
    ).as_action(),
    VACATE.as_action(),
    Act(
        name="uncordon",
        title="Uncordon",
        done="Uncordoned",
        warning="These take reservations again.",
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
SCOPE_ACTS = [
    Act(
        name="cordon_all",
        title="Cordon all of it",
        done="Cordoned",
        warning="What is in these takes no new reservations. Those that hold some of it keep it.",
        do=_cordon_scope,
        about=_holders,
    ).as_action(),
    VACATE.as_action(),
    Act(
        name="uncordon_all",
        title="Uncordon all of it",
        done="Uncordoned",
        warning="What was cordoned together with these takes reservations again.",
        do=_uncordon_scope,
    ).as_action(),
]
UNIT_FILTERS = ("pool", "state", "is_cordoned", "zone")


@admin.register(models.Pool)
class PoolAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "time_zone", "currency", "generation", "synced_at")
    search_fields = ("code", "name")
    actions = (LOOK_AT_POOL.as_action(),)


@admin.register(models.Zone)
class ZoneAdmin(ReadOnlyAdmin):
    change_form_template = "console/target_page.html"
    list_display = ("code", "pool", "fabric_manager", "is_present")
    list_filter = ("pool", "is_present")
    search_fields = ("code",)
    list_select_related = ("pool", "fabric_manager")
    actions = SCOPE_ACTS


@admin.register(models.Network)
class NetworkAdmin(ReadOnlyAdmin):
    list_display = ("code", "pool", "protocol", "rails", "port_rate_gbit_per_s", "is_present")
    list_filter = ("pool", "protocol", "is_present")
    search_fields = ("code",)
    list_select_related = ("pool",)


@admin.register(models.Rack)
class RackAdmin(ReadOnlyAdmin):
    change_form_template = "console/target_page.html"
    list_display = ("code", "pool", "room", "height_u", "budget_w", "cooling_limit_w", "is_present")
    list_filter = ("pool", "is_present")
    search_fields = ("code", "room")
    list_select_related = ("pool",)
    actions = SCOPE_ACTS


@admin.register(models.Pru)
class PruAdmin(ReadOnlyAdmin):
    change_form_template = "console/target_page.html"
    list_display = ("code", "pool", "rack", "zone", "model", "is_present")
    list_filter = ("pool", "template", "is_present")
    search_fields = ("code", "model")
    list_select_related = ("pool", "rack", "zone")
    actions = SCOPE_ACTS


@admin.register(models.Host)
class HostAdmin(ReadOnlyAdmin):
    change_form_template = "console/target_page.html"
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
    change_form_template = "console/target_page.html"
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
