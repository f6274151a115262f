"""Who waits for what, and who wants to hear of it: to look at."""

from django.contrib import admin

from portal.console.bases import ReadOnlyAdmin
from scheduler import models


@admin.register(models.WaitlistEntry)
class WaitlistEntryAdmin(ReadOnlyAdmin):
    list_display = (
        "reservation", "queued_at", "is_front", "not_before", "not_after", "estimated_at", "guarded_from", "looked_at",
    )  # fmt: skip
    list_filter = ("reservation__pool", "reservation__state", "is_front")
    search_fields = ("reservation__code",)
    list_select_related = ("reservation",)


@admin.register(models.CapacityAlert)
class CapacityAlertAdmin(ReadOnlyAdmin):
    list_display = ("code", "user", "project", "pool", "not_before", "not_after", "looked_at", "told_at")
    list_filter = ("pool", "told_at")
    search_fields = ("code", "user__username", "project__slug")
    list_select_related = ("user", "project", "pool")
