"""The mix on the wire, described for the schema: what a program may ask for. What is wrong in it the parser says."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers as s

from scheduler import limits
from scheduler.requests import Affinity, Spread

SPREADS = [(one.value, one.value) for one in Spread]


class _Devices(s.Serializer[Any]):
    count = s.IntegerField(min_value=1, max_value=limits.COUNT_PER_LINE_MAX, help_text="Per node.")
    profile = s.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=limits.NAME_CHARS_MAX,
        help_text="A MIG profile such as 3g.40gb; count is then of slices, packed on whole cards.",
    )
    power_cap_w = s.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=limits.CAP_WATTS_MAX,
        help_text="Watts each device is held to, at most its TDP; counted in place of it.",
    )


class ClassLine(_Devices):
    """Devices of one class."""

    device_class = s.CharField(max_length=limits.NAME_CHARS_MAX)


class SelectorLine(_Devices):
    """Whatever devices a selector matches; of one class for the whole group where that fits."""

    selector = s.CharField(
        max_length=limits.SELECTOR_CHARS_MAX, help_text="A subset of CEL, such as device.memory_gib >= 40."
    )


class ClassAlternative(ClassLine):
    count = s.IntegerField(required=False, min_value=1, max_value=limits.COUNT_PER_LINE_MAX, help_text="Per node.")


class SelectorAlternative(SelectorLine):
    count = s.IntegerField(required=False, min_value=1, max_value=limits.COUNT_PER_LINE_MAX, help_text="Per node.")


_PLAIN = PolymorphicProxySerializer(
    "PlainLine",
    serializers=[ClassAlternative, SelectorAlternative],
    resource_type_field_name=None,
    many=True,
)


@extend_schema_field(_PLAIN)
class _PlainLines(s.ListField):
    """Lines by class or by selector."""


class FirstOfLine(s.Serializer[Any]):
    """The first of these with which the whole mix fits."""

    first_of = _PlainLines(
        help_text=f"In order of preference, at most {limits.FIRST_OF_MAX}; at most {limits.CHOICES_MAX} over all lines."
    )
    count = s.IntegerField(
        required=False,
        min_value=1,
        max_value=limits.COUNT_PER_LINE_MAX,
        help_text="Of the alternatives that have none of their own.",
    )


_LINES = PolymorphicProxySerializer(
    "Line", serializers=[ClassLine, SelectorLine, FirstOfLine], resource_type_field_name=None, many=True
)


@extend_schema_field(_LINES)
class _Lines(s.ListField):
    """Lines of every kind."""


@extend_schema_field({"oneOf": [{"type": "boolean"}, {"enum": [one.value for one in Affinity]}, {"type": "null"}]})
class _Affinity(s.Field[Any, Any, Any, Any]):
    """`true` is the same as `pru`."""


class HostSize(s.Serializer[Any]):
    cores = s.IntegerField(required=False, allow_null=True, min_value=1, max_value=limits.HOST_CORES_MAX)
    memory_gib = s.IntegerField(required=False, allow_null=True, min_value=1, max_value=limits.HOST_MEMORY_GIB_MAX)


class MixPlacement(s.Serializer[Any]):
    """Of all nodes of all groups; what a group says goes before it."""

    network = s.CharField(
        required=False, allow_null=True, max_length=limits.NAME_CHARS_MAX, help_text="An RDMA network of the pool."
    )
    rails = s.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=limits.RAILS_MAX,
        help_text="RDMA ports of every node; left out beside a network: as many as it has rails.",
    )


class Placement(MixPlacement):
    same_pru = s.BooleanField(required=False)
    same_switch = s.BooleanField(required=False)
    p2p = s.BooleanField(required=False, help_text="Accelerators reach each other below the host bridge.")
    allow_bridge_split = s.BooleanField(required=False)
    host_class = s.CharField(
        required=False, allow_null=True, max_length=limits.NAME_CHARS_MAX, help_text="A host template of the pool."
    )
    host = HostSize(required=False, allow_null=True, help_text="At least this size.")
    spread = s.ChoiceField(
        SPREADS,
        required=False,
        allow_null=True,
        help_text="What no two nodes of the group share.",
    )
    nic_affinity = _Affinity(required=False, help_text="A NIC of the node beside its accelerators.")
    storage_affinity = _Affinity(required=False, help_text="A drive of the node beside its accelerators.")


class Group(s.Serializer[Any]):
    role = s.CharField(required=False, max_length=limits.ROLE_CHARS_MAX, allow_blank=True)
    nodes = s.IntegerField(required=False, min_value=1, max_value=limits.NODES_PER_GROUP_MAX)
    lines = _Lines(required=False, allow_null=True, help_text="Left out or empty: CPU nodes.")
    placement = Placement(required=False, allow_null=True)
    host = HostSize(required=False, allow_null=True, help_text="The same as in placement.")
