"""People and their tokens."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from portal.accounts import service_accounts, tokens
from portal.accounts.models import ApiToken, CalendarFeed, User
from portal.console.acts import Act
from portal.console.bases import ReadOnlyAdmin
from scheduler.requests import Actor

_RIGHTS = ("is_staff", "is_superuser", "groups")


def _revoke(token: ApiToken, by: Actor, now: datetime, reason: str) -> bool:
    was_usable = token.revoked_at is None
    tokens.revoke(token=token, by=by, now=now)
    return was_usable


REVOKE = Act(
    name="revoke",
    title="Revoke",
    done="Revoked",
    warning="Programs that use these are refused from now on.",
    asks_reason=False,
    do=_revoke,
)


def _remove(account: User, by: Actor, now: datetime, reason: str) -> bool:
    was_active = account.is_active
    service_accounts.remove(account=account, by=by, now=now)
    return was_active


REMOVE = Act(
    name="remove_service_account",
    title="Remove service accounts",
    done="Removed",
    warning="Every token of these is revoked. What they booked stays with their projects. People are not removed so.",
    asks_reason=False,
    do=_remove,
)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """Operators keep people's accounts. Superusers give rights, through groups; nobody changes a mightier account.

    Service accounts stand among them to look at: nobody gives one a password or a right; leads make them.
    """

    list_display = ("username", "first_name", "last_name", "email", "is_active", "is_staff", "last_login", "service_of")
    list_filter = ("is_active", "is_staff", "groups", ("service_of", admin.EmptyFieldListFilter))
    list_select_related = ("service_of",)
    actions = (REMOVE.as_action(),)
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fixed = ("last_login", "date_joined")
        return fixed if request.user.is_superuser else (*fixed, *_RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and obj.service_of_id is not None:
            return False
        is_mightier = obj is not None and (obj.is_staff or obj.is_superuser) and obj.pk != request.user.pk
        return super().has_change_permission(request, obj) and (request.user.is_superuser or not is_mightier)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("scheduler.operate_pool")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An account is closed (`is_active`), never deleted: the journal names it."""
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Without the digest: nothing of a secret is shown, not even to compare it."""

    list_display = ("name", "prefix", "user", "project", "created_by", "expires_at", "revoked_at", "last_used_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "expires_at")
    search_fields = ("name", "prefix", "user__username")
    list_select_related = ("user__service_of", "project", "created_by")
    exclude = ("secret_sha256",)
    actions = (REVOKE.as_action(),)


@admin.register(CalendarFeed)
class CalendarFeedAdmin(ReadOnlyAdmin):
    """Without the digest, as a token."""

    list_display = ("prefix", "user", "project", "pool", "created_at", "last_read_at")
    list_filter = (("last_read_at", admin.EmptyFieldListFilter),)
    search_fields = ("prefix", "user__username")
    list_select_related = ("user", "project", "pool")
    exclude = ("secret_sha256",)
