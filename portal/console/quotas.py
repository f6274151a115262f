"""What a project may have on a pool, and of one class or kind there: to keep, by services that journal it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from fabric.catalogue.loading import KINDS
from portal.access import actor_of
from portal.console.bases import ConsoleAdmin
from scheduler import models
from scheduler.services import quotas


@admin.register(models.Quota)
class QuotaAdmin(ConsoleAdmin):
    list_display = (
        "project", "pool", "accelerators_max", "gpu_hours_per_month", "near_term_hours", "is_mig_only", "share_percent",
    )  # fmt: skip
    list_filter = ("pool",)
    search_fields = ("project__slug",)
    list_select_related = ("project", "pool")

    def get_readonly_fields(self, request: HttpRequest, obj: models.Quota | None = None) -> tuple[str, ...]:
        return ("project", "pool") if obj else ()

    def save_model(self, request: HttpRequest, obj: models.Quota, form: ModelForm, change: bool) -> None:
        quotas.keep_quota(quota=obj, by=actor_of(request, door="admin"), now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: models.Quota) -> None:
        quotas.remove_quota(quota=obj, by=actor_of(request, door="admin"), now=timezone.now())


class CeilingForm(ModelForm):
    kind = forms.ChoiceField(choices=[("", "–"), *((kind, kind) for kind in sorted(KINDS))], required=False)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        is_new = not self.instance.pk
        if is_new and bool(found.get("device_class")) == bool(found.get("kind")):
            self.add_error("kind", "Choose a device class or a kind: one of them.")
        return found


@admin.register(models.Ceiling)
class CeilingAdmin(ConsoleAdmin):
    form = CeilingForm
    list_display = ("quota", "device_class", "kind", "devices_max", "hours_per_month", "hours_per_7_days")
    list_filter = ("quota__pool", "kind")
    search_fields = ("quota__project__slug", "device_class__code", "kind")
    list_select_related = ("quota__project", "quota__pool", "device_class")

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Ceiling]:
        return super().get_queryset(request).select_related("quota__project", "quota__pool", "device_class")

    def get_readonly_fields(self, request: HttpRequest, obj: models.Ceiling | None = None) -> tuple[str, ...]:
        """One of another class is another ceiling."""
        return ("quota", "device_class", "kind") if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Each quota is called by its project and pool."""
        if db_field.name == "quota":
            kwargs["queryset"] = models.Quota.objects.select_related("project", "pool")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: models.Ceiling, form: ModelForm, change: bool) -> None:
        quotas.keep_ceiling(ceiling=obj, by=actor_of(request, door="admin"), now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: models.Ceiling) -> None:
        quotas.remove_ceiling(ceiling=obj, by=actor_of(request, door="admin"), now=timezone.now())
