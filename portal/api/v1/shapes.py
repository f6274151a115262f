"""What goes over the wire, described for the schema. Tests hold real answers against it, so that it stays true."""

from functools import cache
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, inline_serializer
from rest_framework import serializers as s

from fabric.states import CompositionState, StepKind, StepState
from portal.api.v1.approval_shapes import Approval, ApprovalAhead
from portal.api.v1.change_shapes import Elastic
from portal.api.v1.inventory_shapes import Block
from portal.api.v1.mix_shapes import Group, MixPlacement
from portal.api.v1.problem_shapes import Refusal
from portal.api.v1.waitlist_shapes import Wait, WaitWish
from scheduler import limits
from scheduler.planning.change import Stage
from scheduler.requests import OnFailure
from scheduler.states import Priority, ProjectRole, Promise, ReservationState

RESERVATION_STATES = [(state.value, state.value) for state in ReservationState]
POLICIES = [(policy.value, policy.value) for policy in OnFailure]
PRIORITIES = [(priority.value, priority.value) for priority in Priority]
PROMISES = [(promise.value, promise.value) for promise in Promise]
PROJECT_ROLES = [(role.value, role.value) for role in ProjectRole]
STEP_KINDS = [(kind.value, kind.value) for kind in StepKind]
STEP_STATES = [(state.value, state.value) for state in StepState]
COMPOSITION_STATES = [(state.value, state.value) for state in CompositionState]
RESIZE_STAGES = [(stage.value, stage.value) for stage in Stage]


class Project(s.Serializer[Any]):
    slug = s.CharField()
    name = s.CharField()
    role = s.ChoiceField(PROJECT_ROLES, allow_null=True)


class Wish(s.Serializer[Any]):
    project = s.CharField(max_length=limits.NAME_CHARS_MAX)
    pool = s.CharField(max_length=limits.NAME_CHARS_MAX)
    title = s.CharField(
        required=False, max_length=limits.TITLE_CHARS_MAX, allow_blank=True, help_text="One line, without HTML."
    )
    starts_at = s.DateTimeField(required=False, allow_null=True, help_text="With an offset. Left out: now.")
    ends_at = s.DateTimeField(required=False, allow_null=True, help_text="With an offset.")
    duration_minutes = s.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=limits.DURATION_MINUTES_MAX,
        help_text="Instead of ends_at.",
    )
    hold_minutes = s.IntegerField(required=False, allow_null=True, min_value=1, max_value=limits.HOLD_MINUTES_MAX)
    priority = s.ChoiceField(
        PRIORITIES,
        required=False,
        allow_null=True,
        default=Priority.NORMAL.value,
        help_text="`low` fills idle capacity, and gives way to the others after the pool's notice time.",
    )
    preempt = s.BooleanField(
        required=False,
        help_text="Reservations of low priority may give way to it, if it does not fit beside them: who asks agrees to"
        " that. A hold, or what needs consent, preempts nobody.",
    )
    pinned = s.BooleanField(required=False, help_text="Its plan is not moved to make room for others.")
    on_failure = s.ChoiceField(
        POLICIES,
        required=False,
        allow_null=True,
        default=OnFailure.ALL.value,
        help_text="When a device fails and no equal one is free: `all` gives everything back, `degrade` goes on with"
        " fewer and keeps looking. Bridged groups and fixed systems are always `all`.",
    )
    waitlist = WaitWish(
        required=False, allow_null=True, help_text="Wait until it fits for `duration_minutes`, without times."
    )
    elastic = s.DictField(
        child=Elastic(), required=False, allow_null=True, help_text="By role of a group: floor, ceiling and profile."
    )
    auto_extend_until = s.DateTimeField(
        required=False, allow_null=True, help_text="It extends itself, while it fits, up to then. With an offset."
    )
    mix = Group(many=True)
    placement = MixPlacement(required=False, allow_null=True)


class QuoteChoice(s.Serializer[Any]):
    quote = s.CharField(max_length=limits.NAME_CHARS_MAX, help_text="The id of a quote.")


BOOKING = PolymorphicProxySerializer("Booking", serializers=[Wish, QuoteChoice], resource_type_field_name=None)


class PlannedBlock(Block):
    serial = s.CharField(allow_blank=True)
    pci_id = s.CharField(allow_blank=True)
    pci_address = s.CharField(allow_blank=True, help_text="On the node's host, once it is composed.")
    drift = s.CharField(
        allow_null=True, help_text="Lost, elsewhere, absent, unhealthy or changed on the fabric; null: as it should be."
    )


class CardSetting(s.Serializer[Any]):
    layout = s.DictField(child=s.IntegerField(), help_text="MIG profile → slices; empty for a whole card.")
    power_cap_w = s.IntegerField(allow_null=True, help_text="Watts it is held to; null for its own limit.")


class Paths(s.Serializer[Any]):
    pairs = s.DictField(child=s.IntegerField(), help_text="Pairs of accelerators by class: PIX, PXB, PHB, SYS.")
    uplink_gbit_per_s = s.FloatField(help_text="Of all links between the host and its devices.")
    device_gbit_per_s = s.FloatField(help_text="What all its devices could move at once.")
    oversubscription = s.FloatField(allow_null=True, help_text="Devices over links; null without links.")
    network_gbit_per_s = s.IntegerField(help_text="What its rails of the RDMA network carry; 0 without one.")


class Node(s.Serializer[Any]):
    index = s.IntegerField()
    role = s.CharField(allow_blank=True)
    host = s.CharField()
    host_address = s.CharField(allow_blank=True)
    host_model = s.CharField()
    blocks = PlannedBlock(many=True)
    settings = s.DictField(child=CardSetting(), help_text="By block, of cards that are cut or capped for it.")
    network = s.CharField(allow_null=True, help_text="RDMA network it is joined to.")
    rails = s.IntegerField(help_text="Ports of that network.")
    paths = Paths(allow_null=True, help_text="How its accelerators reach each other and the host.")


class Plan(s.Serializer[Any]):
    nodes = Node(many=True)
    warnings = s.ListField(child=s.CharField())


class Power(s.Serializer[Any]):
    watts = s.IntegerField()
    basis = s.CharField()


class Choice(s.Serializer[Any]):
    """One way to take the alternatives of a mix, with a quote of its own."""

    picked = s.DictField(child=s.IntegerField(), help_text="Line → which of its first_of was taken.")
    mix = Group(many=True, help_text="With these taken: can be booked as it stands.")
    fits = s.BooleanField()
    price = s.DictField()
    power = Power(allow_null=True)
    refusals = Refusal(many=True)


class Quote(s.Serializer[Any]):
    id = s.CharField()
    project = s.CharField()
    pool = s.CharField()
    starts_at = s.DateTimeField()
    ends_at = s.DateTimeField()
    hold_minutes = s.IntegerField(allow_null=True)
    mix = Group(many=True)
    plan = Plan()
    price = s.DictField()
    power = Power()
    warm_up_seconds = s.IntegerField()
    choices = Choice(
        many=True, required=False, help_text="Of a mix with first_of: each of them, as they are preferred."
    )
    expires_at = s.DateTimeField()
    created_at = s.DateTimeField()
    approval = ApprovalAhead(
        required=False, allow_null=True, help_text="Who would be asked for consent if it were booked; null: nobody."
    )


class Devices(s.Serializer[Any]):
    device_class = s.CharField()
    count = s.IntegerField()


class ReservationSummary(s.Serializer[Any]):
    code = s.CharField()
    title = s.CharField(allow_blank=True)
    project = s.CharField()
    pool = s.CharField()
    state = s.ChoiceField(RESERVATION_STATES)
    state_reason = s.CharField(allow_blank=True)
    version = s.IntegerField()
    starts_at = s.DateTimeField()
    ends_at = s.DateTimeField()
    busy_from = s.DateTimeField(help_text="Composing begins here.")
    busy_until = s.DateTimeField()
    hold_expires_at = s.DateTimeField(allow_null=True)
    priority = s.ChoiceField(PRIORITIES)
    promise = s.ChoiceField(
        PROMISES,
        help_text="`guaranteed`: its devices for its whole window. `conditional`: held, waits, or beyond the quota."
        " `preemptible`: gives way to a higher priority after its notice time.",
    )
    beyond_quota = s.BooleanField(help_text="Idle capacity taken near its time, beyond the project's ceilings.")
    preempt_at = s.DateTimeField(allow_null=True, help_text="It was told to give way then; null: it was not.")
    created_by = s.CharField(allow_blank=True)
    created_at = s.DateTimeField()
    nodes = s.IntegerField()
    devices = Devices(many=True)


class Step(s.Serializer[Any]):
    position = s.IntegerField()
    round = s.IntegerField(help_text="0 is the first wiring; else which change of the node in use.")
    kind = s.ChoiceField(STEP_KINDS)
    undo = s.BooleanField()
    state = s.ChoiceField(STEP_STATES)
    attempt = s.IntegerField()
    started_at = s.DateTimeField(allow_null=True)
    finished_at = s.DateTimeField(allow_null=True)
    message = s.CharField(allow_blank=True)
    lines = s.ListField(child=s.DictField())


class Composition(s.Serializer[Any]):
    tag = s.CharField()
    node = s.IntegerField()
    generation = s.IntegerField()
    state = s.ChoiceField(COMPOSITION_STATES)
    state_reason = s.CharField(allow_blank=True)
    host = s.CharField()
    access = s.DictField()
    steps = Step(many=True)


class Energy(s.Serializer[Any]):
    estimate_kwh = s.FloatField()
    basis = s.CharField()


class TimelineEntry(s.Serializer[Any]):
    id = s.IntegerField()
    at = s.DateTimeField()
    kind = s.CharField()
    message = s.CharField(allow_blank=True)
    actor = s.CharField(allow_blank=True)


class Proof(s.Serializer[Any]):
    block = s.CharField()
    node = s.IntegerField()
    generation = s.IntegerField(help_text="Which attempt at wiring the node.")
    proven = s.BooleanField()
    observed_at = s.DateTimeField()
    method = s.CharField(allow_blank=True, help_text="How it was cleaned.")
    seconds = s.FloatField(allow_null=True, help_text="How long cleaning took.")
    serial = s.CharField(allow_blank=True)
    evidence = s.JSONField(help_text="What was read of it, as it was read.")


class Lack(s.Serializer[Any]):
    node = s.IntegerField()
    block = s.CharField(help_text="The one that failed.")
    device_class = s.CharField()
    since = s.DateTimeField(allow_null=True)
    tried_until = s.DateTimeField(allow_null=True, help_text="Until then an equal one is looked for.")


class Reservation(ReservationSummary):
    mix = Group(many=True)
    plan = Plan()
    compositions = Composition(many=True)
    price = s.DictField()
    power = Power()
    energy = Energy()
    timeline = TimelineEntry(many=True)
    proofs = Proof(many=True)
    on_failure = s.ChoiceField(POLICIES)
    swaps = s.IntegerField(help_text="Devices swapped while it was composed.")
    shortfall = Lack(many=True, help_text="Devices it goes without.")
    verbs = s.ListField(child=s.CharField(), help_text="What may be done to it in its present state.")
    active_at = s.DateTimeField(allow_null=True)
    finished_at = s.DateTimeField(allow_null=True)
    check_in_due_at = s.DateTimeField(
        allow_null=True, help_text="It is given back then if nobody checks in; null: nobody need."
    )
    checked_in_at = s.DateTimeField(allow_null=True)
    auto_extend_until = s.DateTimeField(allow_null=True, help_text="It extends itself, while it fits, up to then.")
    elastic = s.DictField(child=Elastic(), help_text="By role: bounds of its nodes; what is above a floor goes first.")
    series = s.CharField(allow_null=True, help_text="Code of the series it is an occurrence of.")
    occurrence_at = s.DateTimeField(allow_null=True, help_text="Where its series put it.")
    is_exception = s.BooleanField(help_text="Changed on its own: changes of its series leave it be.")
    resizing = s.ChoiceField(
        RESIZE_STAGES, allow_null=True, help_text="How far a change of its mix is, while it is active; null: none."
    )
    waitlist = Wait(allow_null=True, help_text="Its place, while it waits; else null.")
    approval = Approval(allow_null=True, help_text="Whether somebody was asked for consent; null: nobody was.")


class Reason(s.Serializer[Any]):
    reason = s.CharField(required=False, max_length=limits.REASON_CHARS_MAX, allow_blank=True)


class SwapOffer(s.Serializer[Any]):
    node = s.IntegerField()
    block = s.CharField()
    replacement = s.CharField()
    given = s.DictField(child=s.CharField(), help_text="Old → new; more than one where bridged devices go together.")
    needs_reboot = s.BooleanField(help_text="The host shows a new device only after it was started again.")
    seconds = s.IntegerField(help_text="About how long it takes, a reboot included.")


class SwapWish(Reason):
    block = s.CharField(max_length=limits.NAME_CHARS_MAX)


class ExtendWish(s.Serializer[Any]):
    ends_at = s.DateTimeField(help_text="Later than it ends now, with an offset.")


class Event(s.Serializer[Any]):
    id = s.IntegerField()
    at = s.DateTimeField()
    kind = s.CharField()
    reference = s.CharField(allow_blank=True)
    reservation = s.CharField(allow_null=True)
    project = s.CharField(allow_null=True)
    pool = s.CharField(allow_null=True)
    actor = s.CharField(allow_blank=True)
    door = s.CharField()
    request_id = s.CharField(allow_blank=True)
    message = s.CharField(allow_blank=True)
    facts = s.DictField()


@cache
def page_of(shape: type[s.Serializer[Any]]) -> Any:
    """The same one for the same shape: the schema takes two that are called alike for a mistake."""
    fields = {"results": shape(many=True), "next": s.URLField(allow_null=True)}
    return inline_serializer(name=f"{shape.__name__}Page", fields=fields)
