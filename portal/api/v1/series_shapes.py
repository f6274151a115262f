"""Series on the wire."""

from typing import Any

from rest_framework import serializers as s

from portal.api.v1 import shapes
from scheduler import limits
from scheduler.planning.recurring import InFold, InGap
from scheduler.states import Misfit

_MISFIT = [(one.value, one.value) for one in Misfit]
_GAP = [(one.value, one.value) for one in InGap]
_FOLD = [(one.value, one.value) for one in InFold]
_RULE = (
    "An RRULE of RFC 5545, such as `FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10`; without COUNT and UNTIL it is booked as far as"
    " the pool's horizon."
)
_WALL = r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:00)?$"


class _Repeated(s.Serializer[Any]):
    title = s.CharField(required=False, allow_blank=True, max_length=limits.TITLE_CHARS_MAX)
    mix = s.ListField(child=s.DictField(), required=False, help_text="As of a reservation.")
    placement = s.DictField(required=False)
    priority = s.ChoiceField(shapes.PRIORITIES, required=False)
    pinned = s.BooleanField(required=False)
    on_failure = s.ChoiceField(shapes.POLICIES, required=False)
    rule = s.CharField(
        required=False,
        max_length=limits.RRULE_CHARS_MAX,
        help_text=_RULE,
    )
    time_zone = s.CharField(required=False, max_length=64, help_text="IANA name. Left out: the caller's.")
    starts_local = s.RegexField(
        _WALL, required=False, help_text="The first start on the zone's wall clock, without an offset."
    )
    duration_minutes = s.IntegerField(required=False, min_value=1, max_value=limits.DURATION_MINUTES_MAX)
    on_misfit = s.ChoiceField(
        _MISFIT, required=False, help_text="`refuse`: all or nothing. `skip`: what fits, and a list of the rest."
    )
    in_gap = s.ChoiceField(_GAP, required=False, help_text="Of a start that the clocks leave out.")
    in_fold = s.ChoiceField(_FOLD, required=False, help_text="Of a start that the clocks show twice.")
    excluded = s.ListField(
        child=s.RegexField(_WALL), required=False, max_length=limits.OCCURRENCES_MAX, help_text="Local starts left out."
    )


class SeriesChange(_Repeated):
    from_occurrence = s.DateTimeField(
        required=False, help_text="`occurrence_at` of the first to be changed: this and later. Left out: all."
    )


class SeriesWish(_Repeated):
    project = s.CharField(max_length=limits.NAME_CHARS_MAX)
    pool = s.CharField(max_length=limits.NAME_CHARS_MAX)
    mix = s.ListField(child=s.DictField(), help_text="As of a reservation.")
    rule = s.CharField(max_length=limits.RRULE_CHARS_MAX, help_text=_RULE)
    starts_local = s.RegexField(_WALL, help_text="The first start on the zone's wall clock, without an offset.")
    duration_minutes = s.IntegerField(min_value=1, max_value=limits.DURATION_MINUTES_MAX)


class MisfitRefusal(s.Serializer[Any]):
    code = s.CharField()
    field = s.CharField(allow_blank=True)
    message = s.CharField()


class UnfitOccurrence(s.Serializer[Any]):
    local = s.CharField()
    at = s.DateTimeField()
    refusals = MisfitRefusal(many=True)


class Occurrence(s.Serializer[Any]):
    occurrence_at = s.DateTimeField(help_text="Where the series put it.")
    reservation = s.CharField()
    state = s.ChoiceField(shapes.RESERVATION_STATES)
    starts_at = s.DateTimeField()
    ends_at = s.DateTimeField()
    is_exception = s.BooleanField(help_text="Changed on its own: changes of the series leave it be.")


class SeriesSummary(s.Serializer[Any]):
    code = s.CharField()
    project = s.CharField()
    pool = s.CharField()
    title = s.CharField(allow_blank=True)
    rule = s.CharField()
    time_zone = s.CharField()
    starts_local = s.CharField()
    duration_minutes = s.IntegerField()
    on_misfit = s.ChoiceField(_MISFIT)
    in_gap = s.ChoiceField(_GAP, allow_null=True)
    in_fold = s.ChoiceField(_FOLD, allow_null=True)
    excluded = s.ListField(child=s.CharField())
    version = s.IntegerField()
    ahead = s.IntegerField(help_text="Occurrences that have not begun.")
    next_at = s.DateTimeField(allow_null=True)
    created_by = s.CharField(allow_blank=True)
    created_at = s.DateTimeField()
    updated_at = s.DateTimeField()
    ended_at = s.DateTimeField(allow_null=True)


class Series(SeriesSummary):
    mix = s.ListField(child=s.DictField())
    occurrences = Occurrence(many=True)
    misfits = UnfitOccurrence(many=True, help_text="Not granted, and why.")
