"""What goes over the wire about waiting, described for the schema."""

from typing import Any

from rest_framework import serializers as s

from scheduler import limits
from scheduler.planning.estimating import Rests
from scheduler.planning.waiting import WORDS, Before
from scheduler.states import Priority
from scheduler.waiting_parsing import ACCEPT_MINUTES_ASSUMED

RESTS = [(rests.value, rests.value) for rests in Rests]
BEFORE = [(before.value, WORDS[before]) for before in Before]
PRIORITIES = [(priority.value, priority.value) for priority in Priority]


class WaitWish(s.Serializer[Any]):
    """Beside `duration_minutes`, in place of a window."""

    not_before = s.DateTimeField(required=False, allow_null=True, help_text="With an offset. Left out, or past: now.")
    not_after = s.DateTimeField(help_text="The latest end, with an offset.")
    auto_accept = s.BooleanField(required=False, help_text="Book it when its turn comes, instead of offering it.")
    accept_minutes = s.IntegerField(
        required=False,
        min_value=1,
        max_value=limits.ACCEPT_MINUTES_MAX,
        default=ACCEPT_MINUTES_ASSUMED,
        help_text="How long an offer is kept.",
    )


class WaitedBefore(s.Serializer[Any]):
    because = s.ChoiceField(BEFORE)
    count = s.IntegerField()


class WaitReason(s.Serializer[Any]):
    code = s.CharField()
    message = s.CharField()


class LateWaits(s.Serializer[Any]):
    ended = s.IntegerField(help_text="Waits in this pool that came to an end in the last thirty days.")
    served = s.IntegerField(help_text="Of these, how many had a turn.")
    half_within_minutes = s.IntegerField(allow_null=True, help_text="Half of the served ones waited no longer.")


class WaitEstimate(s.Serializer[Any]):
    at = s.DateTimeField(allow_null=True, help_text="When it is likely to begin; null: nothing tells.")
    rests_on = s.ChoiceField(
        RESTS,
        help_text="`guard`: that window is kept for it, once what is in its way ends early or is withdrawn. `others`:"
        " those before it come first. `own_limit`: a ceiling of its own project.",
    )
    in_the_way = s.IntegerField(help_text="Reservations in the window that is kept for it.")
    first_fit = s.DateTimeField(allow_null=True, help_text="The first start that fits at all, later than its dates.")
    late = LateWaits()


class Wait(s.Serializer[Any]):
    """A place on the waitlist."""

    not_before = s.DateTimeField()
    not_after = s.DateTimeField()
    duration_minutes = s.IntegerField()
    auto_accept = s.BooleanField()
    accept_minutes = s.IntegerField()
    queued_at = s.DateTimeField()
    place = s.IntegerField(help_text="1 is the first.")
    of = s.IntegerField()
    before = WaitedBefore(many=True, help_text="Why the others are before it.")
    fair_share = s.ListField(child=s.CharField(), help_text="What its project had of the pool lately.")
    reasons = WaitReason(many=True, help_text="What stood in its way at the last look.")
    estimate = WaitEstimate(allow_null=True, help_text="Null before the first look.")
    guarded_from = s.DateTimeField(allow_null=True, help_text="Devices are kept for it from then on; null: none are.")
    looked_at = s.DateTimeField(allow_null=True)


class WaitingReservation(Wait):
    code = s.CharField()
    title = s.CharField(allow_blank=True)
    project = s.CharField()
    pool = s.CharField()
    priority = s.ChoiceField(PRIORITIES)
