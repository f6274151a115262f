"""Where a fabric differs from the books, and what is done about it."""

from django.contrib import admin

from fabric import models
from portal.console.bases import ReadOnlyAdmin


@admin.register(models.Drift)
class DriftAdmin(ReadOnlyAdmin):
    list_display = (
        "pool", "block", "kind", "tag", "expected", "observed", "sightings", "first_seen_at", "last_seen_at",
        "resolved_at", "resolution",
    )  # fmt: skip
    list_filter = ("pool", "kind", ("resolved_at", admin.EmptyFieldListFilter))
    search_fields = ("block__code", "tag")
    list_select_related = ("pool", "block")


@admin.register(models.Repair)
class RepairAdmin(ReadOnlyAdmin):
    """To look at: what is under way on a fabric is ended by the fabric."""

    list_display = ("op_key", "pool", "kind", "tag", "blocks", "state", "attempt", "message", "by_name", "created_at")
    list_filter = ("pool", "kind", "state", "created_at")
    search_fields = ("op_key", "tag", "by_name", "reason")
    list_select_related = ("pool",)
