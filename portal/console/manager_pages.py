"""What drives each fabric: its pause, its profile, its turns, and what its driver remembers."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.contrib import admin
from django.http import HttpResponse
from django.urls import URLPattern, path

from fabric import models
from portal.console import manager_forms
from portal.console.acts import Act
from portal.console.asking import operators_only
from portal.console.bases import ReadOnlyAdmin, ReadOnlyInline
from scheduler.requests import Actor
from scheduler.services import fabric_pause


def _pause(manager: models.FabricManager, by: Actor, now: datetime, reason: str) -> bool:
    return fabric_pause.pause(manager=manager, by=by, now=now, reason=reason)


def _resume(manager: models.FabricManager, by: Actor, now: datetime, reason: str) -> bool:
    return fabric_pause.resume(manager=manager, by=by, now=now, reason=reason)


MANAGER_ACTS = [
    Act(
        name="pause",
        title="Pause",
        done="Paused",
        warning=(
            "Nothing is attached to or detached from hosts through these until they are resumed. Reading goes on; "
            "reservations that begin or end meanwhile wait."
        ),
        do=_pause,
    ).as_action(),
    Act(
        name="resume",
        title="Resume",
        done="Resumed",
        warning="What waited is done now. Look first at why they were paused, and at their last listing.",
        do=_resume,
    ).as_action(),
]


class TurnInline(ReadOnlyInline):
    model = models.MutationTurn
    fields = ("op_key", "until")
    show_change_link = False


@admin.register(models.FabricManager)
class FabricManagerAdmin(ReadOnlyAdmin):
    """To look at. It is paused and resumed by acts; its profile and credentials have pages of their own."""

    change_form_template = "console/manager_page.html"
    list_display = (
        "code", "pool", "driver", "is_paused", "paused_reason", "listed_at", "listing_error", "max_parallel_mutations",
    )  # fmt: skip
    list_filter = ("pool", "driver", "is_paused")
    search_fields = ("code", "endpoint")
    list_select_related = ("pool",)
    fields = (
        "pool", "code", "driver", "endpoint", "medium", "max_parallel_mutations", "planes", "profile",
        "has_credentials", "is_paused", "paused_reason", "paused_by", "paused_at", "listed_at", "listing_error",
    )  # fmt: skip
    readonly_fields = fields
    inlines = (TurnInline,)
    actions = MANAGER_ACTS

    @admin.display(boolean=True)
    def has_credentials(self, manager: models.FabricManager) -> bool:
        return bool(manager.sealed_credentials)

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("<int:pk>/profile/", self._page(manager_forms.profile), name="fabric_fabricmanager_profile"),
            path(
                "<int:pk>/credentials/", self._page(manager_forms.credentials), name="fabric_fabricmanager_credentials"
            ),
        ]
        return [*own, *super().get_urls()]

    def _page(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return operators_only(self, partial(view, self))


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
