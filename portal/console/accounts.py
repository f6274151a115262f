"""People and their tokens."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from portal.accounts import tokens
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


@admin.register(User)
class PersonAdmin(UserAdmin):
    """Operators keep people's accounts. Superusers give rights, through groups; nobody changes a mightier account."""

    list_display = ("username", "first_name", "last_name", "email", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "groups")
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fixed = ("last_login", "date_joined")
        return fixed if request.user.is_superuser else (*fixed, *_RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        is_mightier = obj is not None and (obj.is_staff or obj.is_superuser) and obj.pk != request.user.pk
        return super().has_change_permission(request, obj) and (request.user.is_superuser or not is_mightier)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An account is closed (`is_active`), never deleted: the journal names it."""
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Without the digest: nothing of a secret is shown, not even to compare it."""

    list_display = ("name", "prefix", "user", "project", "expires_at", "revoked_at", "last_used_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "expires_at")
    search_fields = ("name", "prefix", "user__username")
    list_select_related = ("user", "project")
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
