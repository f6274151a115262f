"""What exists and how it is wired: to look at, and to cordon, clear or pause."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from fabric import models
from portal.console.acts import Act
from portal.console.bases import ConsoleAdmin, ReadOnlyAdmin, ReadOnlyInline
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


@admin.register(models.FabricManager)
class FabricManagerAdmin(ConsoleAdmin):
    """Only what an operator overlays: the pause and the profile. The rest is the pool file's."""

    list_display = ("code", "pool", "driver", "is_paused", "max_parallel_mutations")
    list_filter = ("pool", "driver", "is_paused")
    search_fields = ("code", "endpoint")
    list_select_related = ("pool",)
    fields = (
        "pool", "code", "driver", "endpoint", "medium", "max_parallel_mutations", "planes", "profile", "is_paused",
    )  # fmt: skip
    readonly_fields = ("pool", "code", "driver", "endpoint", "medium", "max_parallel_mutations", "planes")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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


class StepInline(ReadOnlyInline):
    model = models.CompositionStep
    fields = (
        "position",
        "kind",
        "is_undo",
        "state",
        "attempt",
        "fence",
        "started_at",
        "finished_at",
        "error",
        "message",
    )


class ProofInline(ReadOnlyInline):
    model = models.ReleaseProof
    fields = ("block", "is_proven", "observed_at", "evidence")

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.ReleaseProof]:
        return super().get_queryset(request).select_related("block")


@admin.register(models.Composition)
class CompositionAdmin(ReadOnlyAdmin):
    list_display = ("tag", "owner", "node", "generation", "pool", "host", "state", "opened_at", "closed_at")
    list_filter = ("pool", "state", "opened_at")
    search_fields = ("tag", "owner", "host__code")
    list_select_related = ("pool", "host")
    inlines = (StepInline, ProofInline)


@admin.register(models.CompositionStep)
class CompositionStepAdmin(ReadOnlyAdmin):
    list_display = (
        "op_key",
        "composition",
        "kind",
        "is_undo",
        "state",
        "attempt",
        "error",
        "started_at",
        "finished_at",
    )
    list_filter = ("kind", "state", "is_undo", "error", "started_at")
    search_fields = ("op_key", "composition__owner", "request_id")
    list_select_related = ("composition",)


@admin.register(models.Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    list_display = ("block", "host", "composition", "since", "until")
    list_filter = ("block__pool", ("until", admin.EmptyFieldListFilter), "since")
    search_fields = ("block__code", "host__code", "composition__owner")
    list_select_related = ("block", "host", "composition")


@admin.register(models.ReleaseProof)
class ReleaseProofAdmin(ReadOnlyAdmin):
    list_display = ("block", "composition", "is_proven", "observed_at")
    list_filter = ("is_proven", "composition__pool", "observed_at")
    search_fields = ("block__code", "composition__owner")
    list_select_related = ("block", "composition")


@admin.register(models.Drift)
class DriftAdmin(ReadOnlyAdmin):
    list_display = ("pool", "block", "kind", "expected", "observed", "first_seen_at", "last_seen_at", "resolved_at")
    list_filter = ("pool", "kind", ("resolved_at", admin.EmptyFieldListFilter))
    search_fields = ("block__code", "tag")
    list_select_related = ("pool", "block")
