"""Maintenance: what is out of service when, planned with a decision for whoever is affected."""

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.urls import URLPattern, path

from portal.console import planning
from portal.console.acts import Act
from portal.console.asking import operators_only
from portal.console.bases import ReadOnlyAdmin
from scheduler import models
from scheduler.requests import Actor
from scheduler.services.cancel_maintenance import cancel_maintenance


def _call_off(maintenance: models.Maintenance, by: Actor, now: datetime, reason: str) -> bool:
    return cancel_maintenance(maintenance=maintenance, by=by, now=now, reason=reason)


CALL_OFF = Act(
    name="call_off",
    title="Call off",
    done="Called off",
    warning="The units of these are free at once. Whoever was moved for them stays where it is now.",
    do=_call_off,
)


@admin.register(models.Maintenance)
class MaintenanceAdmin(ReadOnlyAdmin):
    change_list_template = "console/maintenance_list.html"
    actions = (CALL_OFF.as_action(),)
    list_display = ("code", "pool", "scope", "target", "window", "state", "reason", "created_by_name")
    list_filter = ("pool", "scope", "is_cancelled", "starts_at")
    search_fields = ("code", "target", "reason", "created_by_name")
    list_select_related = ("pool",)

    @admin.display(ordering="starts_at", description="In the pool's time")
    def window(self, one: models.Maintenance) -> str:
        zone = ZoneInfo(one.pool.time_zone)
        begin, end = (moment.astimezone(zone) for moment in (one.starts_at, one.ends_at))
        zone_then = f" {begin.tzname()}" if begin.tzname() != end.tzname() else ""  # the clocks change meanwhile
        return f"{begin:%a %-d %b %Y, %H:%M}{zone_then} – {end:%a %-d %b, %H:%M} {end.tzname()}"

    @admin.display(ordering="begun_at")
    def state(self, one: models.Maintenance) -> str:
        if one.is_cancelled:
            return "called off"
        if one.finished_at:
            return "over"
        return "under way" if one.begun_at else "planned"

    def get_urls(self) -> list[URLPattern]:
        page = operators_only(self, partial(planning.plan, self))
        return [path("plan/", page, name="scheduler_maintenance_plan"), *super().get_urls()]
