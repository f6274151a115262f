"""What the verbs that change a booking are asked with, described for the schema."""

from typing import Any

from rest_framework import serializers as s

from scheduler import limits

CLOCK = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"


class ProfileTime(s.Serializer[Any]):
    weekdays = s.RegexField(r"^[1-7]{1,7}$", help_text="By number: 1 is Monday, 7 is Sunday.")
    until = s.RegexField(CLOCK, help_text="Later that day, on the pool's clock.")
    nodes = s.IntegerField(min_value=1, max_value=limits.NODES_PER_GROUP_MAX, help_text="Between floor and ceiling.")

    def get_fields(self) -> Any:
        """`from` is a word of Python."""
        return {**super().get_fields(), "from": s.RegexField(CLOCK, help_text="A time of day such as 09:00.")}


class Elastic(s.Serializer[Any]):
    floor = s.IntegerField(min_value=1, max_value=limits.NODES_PER_GROUP_MAX, help_text="Promised.")
    ceiling = s.IntegerField(min_value=1, max_value=limits.NODES_PER_GROUP_MAX, help_text="No resize goes beyond it.")
    profile = ProfileTime(
        many=True, required=False, allow_null=True, help_text="How many when; outside of these times the floor."
    )


class ElasticWish(s.Serializer[Any]):
    elastic = s.DictField(
        child=Elastic(), allow_null=True, help_text="By role of a group; those left out are not elastic."
    )


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
