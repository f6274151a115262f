"""Maintenance: what is out of service when, planned with a decision for whoever is affected."""

from django.contrib import admin

from portal.console.bases import ReadOnlyAdmin
from scheduler import models


@admin.register(models.Maintenance)
class MaintenanceAdmin(ReadOnlyAdmin):
    list_display = (
        "code", "pool", "scope", "target", "starts_at", "ends_at", "reason", "created_by_name", "begun_at",
        "finished_at", "is_cancelled",
    )  # fmt: skip
    list_filter = ("pool", "scope", "is_cancelled", "starts_at")
    search_fields = ("code", "target", "reason", "created_by_name")
    list_select_related = ("pool",)
