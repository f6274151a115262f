"""What devices cost: added, and ended. What was in force stays as it was."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from portal.access import actor_of
from portal.console.bases import ConsoleAdmin
from scheduler import models
from scheduler.services import rates

FIXED = (
    "pool", "device_class", "priority", "weekdays", "from_minute", "until_minute", "usd_per_hour", "percent",
    "valid_from",
)  # fmt: skip


class RateForm(ModelForm):
    """Left out, it begins now."""

    valid_from = forms.SplitDateTimeField(required=False, widget=AdminSplitDateTime)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not self.instance.pk:
            found["valid_from"] = found.get("valid_from") or timezone.now()
            if (found.get("usd_per_hour") is None) == (found.get("percent") is None):
                self.add_error("percent", "Give either dollars an hour or percent.")
            elif found.get("usd_per_hour") is not None and not found.get("device_class"):
                self.add_error("device_class", "Say which class costs so much an hour.")
        return found


@admin.register(models.Rate)
class RateAdmin(ConsoleAdmin):
    form = RateForm
    list_display = ("pool", "device_class", "priority", "usd_per_hour", "percent", "valid_from", "valid_until")
    list_filter = ("pool", "priority")
    search_fields = ("pool__code", "device_class__code")
    list_select_related = ("pool", "device_class")

    def get_readonly_fields(self, request: HttpRequest, obj: models.Rate | None = None) -> tuple[str, ...]:
        return FIXED if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: models.Rate, form: ModelForm, change: bool) -> None:
        by, now = actor_of(request, door="admin"), timezone.now()
        if not change:
            obj.valid_from = max(obj.valid_from, now)
            rates.add_rate(rate=obj, by=by, now=now)
        elif obj.valid_until is not None:
            rates.end_rate(rate=obj, at=obj.valid_until, by=by, now=now)
