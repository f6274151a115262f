"""Who gets what, when: projects and members to keep; everything that was decided to look at."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from portal.access import actor_of
from portal.console.acts import Act
from portal.console.bases import ConsoleAdmin, ReadOnlyAdmin, ReadOnlyInline
from scheduler import models
from scheduler.requests import Actor
from scheduler.services import force_release, members
from scheduler.states import FINAL, ProjectRole


def _force_release(reservation: models.Reservation, by: Actor, now: datetime, reason: str) -> bool:
    was_over = reservation.state in FINAL
    force_release.force_release(reservation=reservation, by=by, now=now, reason=reason)
    return not was_over


FORCE_RELEASE = Act(
    name="force_release",
    title="Force release",
    done="Force-released",
    warning=(
        "These end now. One that is already releasing and does not come to an end is closed: "
        "blocks that are not proven free are quarantined, never offered."
    ),
    do=_force_release,
)


@admin.register(models.Project)
class ProjectAdmin(ConsoleAdmin):
    """A project that has booked anything stays: its history belongs to it."""

    list_display = ("slug", "name", "created_at")
    search_fields = ("slug", "name")
    fields = ("slug", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: models.Project | None = None) -> tuple[str, ...]:
        """Programs know it by its slug."""
        return ("slug",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.Membership)
class MembershipAdmin(ConsoleAdmin):
    """Through the services, as a lead does it in the portal."""

    list_display = ("project", "user", "role", "added_at")
    list_filter = ("role", "project")
    search_fields = ("project__slug", "user__username")
    list_select_related = ("project", "user")
    raw_id_fields = ("user",)
    fields = ("project", "user", "role")

    def get_readonly_fields(self, request: HttpRequest, obj: models.Membership | None = None) -> tuple[str, ...]:
        return ("project", "user") if obj else ()

    def save_model(self, request: HttpRequest, obj: models.Membership, form: ModelForm, change: bool) -> None:
        project, user, role = obj.project, obj.user, ProjectRole(obj.role)
        by, now = actor_of(request, door="admin"), timezone.now()
        if change:
            members.change_role(project=project, user=user, role=role, by=by, now=now)
        else:
            obj.pk = members.add_member(project=project, user=user, role=role, by=by, now=now).pk

    def delete_model(self, request: HttpRequest, obj: models.Membership) -> None:
        by, now = actor_of(request, door="admin"), timezone.now()
        members.remove_member(project=obj.project, user=obj.user, by=by, now=now)


class AllocationInline(ReadOnlyInline):
    model = models.Allocation
    fields = ("node", "host", "block", "during", "is_holding")

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Allocation]:
        return super().get_queryset(request).select_related("reservation", "host", "block")


class OperationInline(ReadOnlyInline):
    model = models.Operation
    fields = ("kind", "composition", "state", "due_at", "attempt", "fence", "lease_owner", "lease_until", "last_error")

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Operation]:
        return super().get_queryset(request).select_related("composition")


@admin.register(models.Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    list_display = ("code", "project", "pool", "state", "starts_at", "ends_at", "created_by", "title", "next_due_at")
    list_filter = ("state", "pool", "project", "starts_at")
    search_fields = ("code", "title", "project__slug", "created_by__username")
    list_select_related = ("project", "pool", "created_by")
    actions = (FORCE_RELEASE.as_action(),)
    inlines = (AllocationInline, OperationInline)


@admin.register(models.Quote)
class QuoteAdmin(ReadOnlyAdmin):
    list_display = ("code", "project", "pool", "created_by", "expires_at", "accepted_as")
    list_filter = ("pool", "project", "created_at")
    search_fields = ("code", "project__slug")
    list_select_related = ("project", "pool", "created_by", "accepted_as")


@admin.register(models.Allocation)
class AllocationAdmin(ReadOnlyAdmin):
    list_display = ("reservation", "node", "host", "block", "during", "is_holding")
    list_filter = ("pool", "is_holding")
    search_fields = ("reservation__code", "host__code", "block__code")
    list_select_related = ("reservation", "host", "block")


@admin.register(models.Operation)
class OperationAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "reservation", "state", "due_at", "attempt", "fence", "lease_owner", "last_error")
    list_filter = ("state", "kind", "fabric_manager", "due_at")
    search_fields = ("reservation__code", "lease_owner", "request_id")
    list_select_related = ("reservation",)


@admin.register(models.IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin):
    """Without the answers: they are their users'."""

    list_display = ("key", "user", "method", "path", "status", "locked_until", "created_at")
    list_filter = ("method", "status", "created_at")
    search_fields = ("key", "user__username")
    list_select_related = ("user",)
    exclude = ("answer", "headers")


@admin.register(models.Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("user", "reservation", "entry", "read_at")
    list_filter = (("read_at", admin.EmptyFieldListFilter),)
    search_fields = ("user__username", "reservation__code")
    list_select_related = ("user", "reservation", "entry")


@admin.register(models.NoticeChoice)
class NoticeChoiceAdmin(ReadOnlyAdmin):
    list_display = ("user", "topic", "channel", "is_wanted")
    list_filter = ("topic", "channel", "is_wanted")
    search_fields = ("user__username",)
    list_select_related = ("user",)


@admin.register(models.Preset)
class PresetAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "project", "created_by", "created_at")
    list_filter = ("project",)
    search_fields = ("code", "name", "project__slug")
    list_select_related = ("project", "created_by")
