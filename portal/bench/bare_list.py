"""A page of reservations in the framework's own way: a ModelSerializer with the members of a row of ours."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import generics, pagination, serializers
from rest_framework.permissions import AllowAny

from scheduler.models import Reservation

ROWS = 50


class Row(serializers.ModelSerializer[Reservation]):
    project = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    pool = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    created_by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True)
    nodes = serializers.SerializerMethodField()
    devices = serializers.SerializerMethodField()

    class Meta:
        model = Reservation
        fields = (
            "code", "title", "project", "pool", "state", "state_reason", "version", "starts_at", "ends_at",
            "busy_from", "busy_until", "hold_expires_at", "created_by", "created_at", "nodes", "devices",
        )  # fmt: skip

    def get_nodes(self, one: Reservation) -> int:
        return sum(int(group["nodes"]) for group in one.request["mix"])

    def get_devices(self, one: Reservation) -> list[dict[str, Any]]:
        return [{"device_class": code, "count": count} for code, count in one.price["devices"].items()]


class ByKey(pagination.CursorPagination):
    page_size = ROWS
    ordering = "-id"


class BareList(generics.ListAPIView[Reservation]):
    """For nobody in particular."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    serializer_class = Row
    pagination_class = ByKey

    def get_queryset(self) -> QuerySet[Reservation]:
        return Reservation.objects.select_related("project", "pool", "created_by")


class BareListForTheCaller(generics.ListAPIView[Reservation]):
    """With the portal's own authentication before it."""

    serializer_class = Row
    pagination_class = ByKey

    def get_queryset(self) -> QuerySet[Reservation]:
        return Reservation.objects.select_related("project", "pool", "created_by")
