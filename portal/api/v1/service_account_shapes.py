"""Service accounts on the wire."""

from typing import Any

from rest_framework import serializers as s

from portal.accounts.service_account_request import NAME_PATTERN, SERVICE_ROLES
from portal.accounts.token_request import DAYS_DEFAULT, SERVICE_SCOPES
from portal.api.v1.token_shapes import Token
from scheduler import limits
from scheduler.states import ProjectRole

ROLES = [role.value for role in SERVICE_ROLES]
SCOPES = [scope.value for scope in SERVICE_SCOPES]


class ServiceAccountWish(s.Serializer[Any]):
    name = s.RegexField(
        f"^{NAME_PATTERN}$",
        max_length=limits.SERVICE_ACCOUNT_NAME_CHARS_MAX,
        help_text="Small letters, digits and, between them, hyphens; once in the project.",
    )
    role = s.ChoiceField(ROLES, required=False, default=ProjectRole.MEMBER.value)


class ServiceAccount(s.Serializer[Any]):
    name = s.CharField()
    username = s.CharField(help_text="Who it is in the journal and on reservations.")
    project = s.CharField()
    role = s.ChoiceField(ROLES)
    created_at = s.DateTimeField()
    tokens = Token(many=True, help_text="Those that still work.")


class ServiceTokenWish(s.Serializer[Any]):
    name = s.CharField(max_length=limits.TOKEN_NAME_CHARS_MAX)
    scopes = s.ListField(
        child=s.ChoiceField(SCOPES),
        required=False,
        allow_null=True,
        max_length=len(SCOPES),
        help_text="What it may do; left out or empty: all that the service account may.",
    )
    days = s.IntegerField(required=False, min_value=1, max_value=limits.TOKEN_DAYS_MAX, default=DAYS_DEFAULT)
