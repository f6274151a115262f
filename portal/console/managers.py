"""What drives each fabric: its pause, its profile, its turns, and what its driver remembers."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from fabric import models
from portal.console.bases import ConsoleAdmin, ReadOnlyAdmin


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


@admin.register(models.MutationTurn)
class MutationTurnAdmin(ReadOnlyAdmin):
    """Who may change something on a fabric now. One whose time is over is taken by the next who asks."""

    list_display = ("op_key", "fabric_manager", "until")
    list_filter = ("fabric_manager",)
    search_fields = ("op_key",)
    list_select_related = ("fabric_manager",)


@admin.register(models.DriverNote)
class DriverNoteAdmin(ReadOnlyAdmin):
    list_display = ("op_key", "fabric_manager", "kind", "tag")
    list_filter = ("fabric_manager", "kind")
    search_fields = ("op_key", "tag")
    list_select_related = ("fabric_manager",)


@admin.register(models.DriverBlock)
class DriverBlockAdmin(ReadOnlyAdmin):
    list_display = ("code", "fabric_manager", "is_used")
    list_filter = ("fabric_manager", "is_used")
    search_fields = ("code",)
    list_select_related = ("fabric_manager",)
