"""Webhooks as operators look at them: without secrets, and of an address only the host, which others are told, too."""

from datetime import datetime

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.console.acts import Act
from portal.console.bases import ReadOnlyAdmin, ReadOnlyInline
from scheduler import models
from scheduler.hooks.guard import host_of
from scheduler.requests import Actor
from scheduler.services import webhooks


def _switch_off(hook: models.Webhook, by: Actor, now: datetime, reason: str) -> bool:
    was_on = hook.disabled_at is None
    webhooks.disable(hook=hook, by=by, now=now, reason=reason)
    return was_on


SWITCH_OFF = Act(
    name="switch_off",
    title="Switch off",
    done="Switched off",
    warning="Nothing is sent to them any more, also not what waits. Their projects' leads can switch them on again.",
    do=_switch_off,
)


@admin.register(models.Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    list_display = ("code", "project", "host", "failing_since", "disabled_at", "created_by", "created_at")
    list_filter = (
        ("disabled_at", admin.EmptyFieldListFilter),
        ("failing_since", admin.EmptyFieldListFilter),
        "project",
    )
    search_fields = ("code", "project__slug", "description")
    list_select_related = ("project", "created_by")
    actions = (SWITCH_OFF.as_action(),)
    exclude = ("url", "sealed_secret", "sealed_old_secret")
    readonly_fields = ("host",)

    @admin.display
    def host(self, hook: models.Webhook) -> str:
        return host_of(hook.url)


class TryInline(ReadOnlyInline):
    model = models.WebhookTry
    fields = ("at", "status", "milliseconds", "error")

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.WebhookTry]:
        return super().get_queryset(request).select_related("delivery")


@admin.register(models.WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    list_display = ("message_id", "webhook", "kind", "state", "tries", "due_at", "leased_until", "created_at")
    list_filter = ("state", "created_at")
    search_fields = ("message_id", "webhook__code", "kind")
    list_select_related = ("webhook",)
    inlines = (TryInline,)


@admin.register(models.WebhookTry)
class WebhookTryAdmin(ReadOnlyAdmin):
    list_display = ("delivery", "at", "status", "milliseconds", "error")
    list_filter = ("status", "at")
    search_fields = ("delivery__message_id", "delivery__webhook__code")
    list_select_related = ("delivery",)
