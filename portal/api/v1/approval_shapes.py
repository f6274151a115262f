"""What goes over the wire about consent: the questions, the answers, and who decides for whom."""

from typing import Any

from rest_framework import serializers as s

from scheduler import limits
from scheduler.states import Priority, Route, Verdict

ROUTES = [(route.value, route.value) for route in Route]
VERDICTS = [(verdict.value, verdict.value) for verdict in Verdict]
PRIORITIES = [(priority.value, priority.value) for priority in Priority]


class Approval(s.Serializer[Any]):
    """Of one reservation: the question that is open, or the last one."""

    route = s.ChoiceField(ROUTES, help_text="Who decides: a lead of the project, or an operator.")
    because = s.ListField(child=s.CharField(), help_text="The rules that apply, in words.")
    asked_at = s.DateTimeField()
    expires_at = s.DateTimeField(help_text="Then the devices are given back.")
    verdict = s.ChoiceField(VERDICTS, allow_null=True, help_text="Null while it is open.")
    decided_at = s.DateTimeField(allow_null=True)
    decided_by = s.CharField(allow_null=True)
    on_behalf_of = s.CharField(allow_null=True, help_text="Who was away, where another decided for them.")
    reason = s.CharField(allow_blank=True)


class ApprovalAhead(s.Serializer[Any]):
    route = s.ChoiceField(ROUTES)
    because = s.ListField(child=s.CharField())


class OpenApproval(s.Serializer[Any]):
    """One that waits for the caller."""

    reservation = s.CharField()
    title = s.CharField(allow_blank=True)
    project = s.CharField()
    pool = s.CharField()
    asked_by = s.CharField(allow_blank=True)
    priority = s.ChoiceField(PRIORITIES)
    starts_at = s.DateTimeField()
    ends_at = s.DateTimeField()
    nodes = s.IntegerField()
    devices = s.DictField(child=s.IntegerField(), help_text="By class.")
    usd = s.CharField()
    route = s.ChoiceField(ROUTES)
    because = s.ListField(child=s.CharField())
    asked_at = s.DateTimeField()
    expires_at = s.DateTimeField()
    on_behalf_of = s.CharField(allow_null=True, help_text="Who is away, where the caller decides for them.")


class Rejection(s.Serializer[Any]):
    reason = s.CharField(max_length=limits.REASON_CHARS_MAX, help_text="Who asked is told.")


class DelegationWish(s.Serializer[Any]):
    to = s.CharField(max_length=limits.NAME_CHARS_MAX, help_text="The name somebody signs in with.")
    project = s.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=limits.NAME_CHARS_MAX,
        help_text="In this one only; empty or left out: wherever the caller may.",
    )
    starts_at = s.DateTimeField(required=False, allow_null=True, help_text="With an offset. Left out: now.")
    ends_at = s.DateTimeField(help_text="With an offset.")


class Delegation(s.Serializer[Any]):
    id = s.IntegerField()
    giver = s.CharField()
    to = s.CharField()
    project = s.CharField(allow_null=True)
    starts_at = s.DateTimeField()
    ends_at = s.DateTimeField()
    created_at = s.DateTimeField()
