"""What a reservation is to be resized to, described for the schema."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers as s

from portal.api.v1.mix_shapes import Group, MixPlacement
from scheduler import limits


class GroupCount(s.Serializer[Any]):
    role = s.CharField(required=False, max_length=limits.ROLE_CHARS_MAX, allow_blank=True, help_text="Names the group.")
    nodes = s.IntegerField(min_value=1, max_value=limits.NODES_PER_GROUP_MAX)


class MixWish(s.Serializer[Any]):
    mix = Group(many=True, min_length=1, max_length=limits.GROUPS_MAX, help_text="The whole new mix.")  # type: ignore[call-arg]
    placement = MixPlacement(required=False, allow_null=True, help_text="Left out: as it is.")


class GroupsWish(s.Serializer[Any]):
    groups = GroupCount(  # type: ignore[call-arg]
        many=True, min_length=1, max_length=limits.GROUPS_MAX, help_text="Groups that are not named stay as they are."
    )


RESIZE = PolymorphicProxySerializer("ResizeWish", serializers=[MixWish, GroupsWish], resource_type_field_name=None)
