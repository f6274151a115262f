"""The journal as operators read it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.console.bases import ReadOnlyAdmin
from scheduler.journal_kinds import JournalKind
from scheduler.models import JournalEntry


class KindFilter(admin.SimpleListFilter):
    """The kinds there can be, not those that a search through the whole journal would find."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.value, kind.value) for kind in JournalKind]

    def queryset(self, request: HttpRequest, queryset: QuerySet[JournalEntry]) -> QuerySet[JournalEntry]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "kind", "reference", "message", "actor_name", "door", "project", "pool")
    list_filter = (KindFilter, "pool", "project", "at")
    search_fields = ("reference", "actor_name", "request_id", "message")
    list_select_related = ("project", "pool")
    ordering = ("-transaction_id", "-id")
