"""Windows that come again: to look at. They are changed and ended on their pages."""

from django.contrib import admin

from portal.console.bases import ReadOnlyAdmin
from scheduler import models


@admin.register(models.Series)
class SeriesAdmin(ReadOnlyAdmin):
    list_display = ("code", "title", "project", "pool", "rule", "time_zone", "starts_local", "created_by", "ended_at")
    list_filter = ("pool", "on_misfit", "ended_at")
    search_fields = ("code", "title", "project__slug")
    list_select_related = ("project", "pool", "created_by")
