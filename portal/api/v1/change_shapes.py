"""What the verbs that change a booking are asked with, described for the schema."""

from typing import Any

from rest_framework import serializers as s

from scheduler import limits


class ShortenWish(s.Serializer[Any]):
    ends_at = s.DateTimeField(help_text="Sooner than it ends now, with an offset.")


class MoveWish(s.Serializer[Any]):
    starts_at = s.DateTimeField(help_text="With an offset.")
    ends_at = s.DateTimeField(required=False, allow_null=True, help_text="Left out: it lasts as long as it does now.")


class AutoExtendWish(s.Serializer[Any]):
    until = s.DateTimeField(allow_null=True, help_text="It extends itself up to then; null: no more.")


class HandOverWish(s.Serializer[Any]):
    project = s.CharField(
        required=False, allow_null=True, max_length=limits.NAME_CHARS_MAX, help_text="One that you may book in."
    )
    user = s.CharField(
        required=False, allow_null=True, max_length=limits.NAME_CHARS_MAX, help_text="A member of it who may book."
    )
