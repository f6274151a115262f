"""What goes over the wire about tokens."""

from typing import Any

from rest_framework import serializers as s

from portal.accounts.scopes import Scope
from portal.accounts.token_request import DAYS_DEFAULT
from scheduler import limits

SCOPES = [(scope.value, scope.value) for scope in Scope]


class TokenWish(s.Serializer[Any]):
    name = s.CharField(max_length=limits.TOKEN_NAME_CHARS_MAX)
    scopes = s.ListField(
        child=s.ChoiceField(SCOPES),
        required=False,
        allow_null=True,
        max_length=len(SCOPES),
        help_text="What it may do; left out or empty: all its user may.",
    )
    days = s.IntegerField(required=False, min_value=1, max_value=limits.TOKEN_DAYS_MAX, default=DAYS_DEFAULT)
    project = s.CharField(
        required=False, allow_null=True, max_length=limits.NAME_CHARS_MAX, help_text="Narrow it to one project."
    )


class Token(s.Serializer[Any]):
    id = s.CharField()
    name = s.CharField()
    scopes = s.ListField(child=s.CharField())
    project = s.CharField(allow_null=True)
    created_at = s.DateTimeField()
    expires_at = s.DateTimeField()
    last_used_at = s.DateTimeField(allow_null=True)


class NewToken(Token):
    token = s.CharField(help_text="Shown this once.")
