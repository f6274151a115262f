"""What searches over time answer, described for the schema: next starts, and what is free when."""

from typing import Any

from rest_framework import serializers as s

from portal.api.v1.mix_shapes import Group
from portal.api.v1.problem_shapes import Refusal
from portal.api.v1.shapes import Quote, Wish
from scheduler import limits


class SlotsWish(Wish):
    """As a reservation, but for its times."""

    starts_at = None  # type: ignore[assignment]
    ends_at = None  # type: ignore[assignment]
    hold_minutes = None  # type: ignore[assignment]
    waitlist = None  # type: ignore[assignment]
    duration_minutes = s.IntegerField(min_value=1, max_value=limits.DURATION_MINUTES_MAX)
    not_before = s.DateTimeField(required=False, allow_null=True, help_text="With an offset. Left out, or past: now.")
    not_after = s.DateTimeField(required=False, allow_null=True, help_text="No window ends after it.")
    limit = s.IntegerField(required=False, min_value=1, max_value=limits.SLOTS_MAX, default=1)


class AlertWish(SlotsWish):
    """What one wants to hear of."""

    limit = None  # type: ignore[assignment]
    not_after = s.DateTimeField(help_text="With an offset. No window ends after it.")


class Alert(s.Serializer[Any]):
    code = s.CharField()
    project = s.CharField(allow_null=True, help_text="Null, as `pool` and `mix`: one that you see no longer.")
    pool = s.CharField(allow_null=True)
    mix = Group(many=True, allow_null=True)
    duration_minutes = s.IntegerField()
    not_before = s.DateTimeField()
    not_after = s.DateTimeField()
    created_at = s.DateTimeField()
    told_at = s.DateTimeField(allow_null=True, help_text="Null: not yet. Told once, it is over.")


class Slots(s.Serializer[Any]):
    windows = Quote(many=True, help_text="In order of time, starts at least one slot of the calendar apart.")
    proven = s.BooleanField(help_text="Whether it is certain that nothing was passed over.")
    binds = Refusal(many=True, help_text="What stands against the first moment; empty where the mix fits there.")


class FreeUnits(s.Serializer[Any]):
    total = s.IntegerField()
    usable = s.IntegerField(help_text="Healthy and not cordoned.")
    turnaround_minutes = s.IntegerField(help_text="After an end, until it is clean for the next one.")
    free = s.ListField(child=s.IntegerField(), help_text="For the whole of each step.")
    free_for_hours = s.ListField(
        child=s.IntegerField(), allow_null=True, help_text="For the whole of the next `hours`, from each step on."
    )


class Availability(s.Serializer[Any]):
    pool = s.CharField()
    zone = s.CharField(allow_null=True)
    generation = s.IntegerField()
    step_minutes = s.IntegerField()
    hours = s.IntegerField(allow_null=True)
    steps = s.ListField(child=s.DateTimeField(), help_text="When each begins; the last one ends at `to`.")
    device_classes = s.DictField(child=FreeUnits())
    hosts = FreeUnits()
