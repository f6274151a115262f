"""A booking with the framework's own means: one transaction with the same lock and inserts, for nobody in particular.

Plan, price and units come ready made in the body: nothing is planned, and neither rights, quota nor room are checked.
`is_whole` writes the journal's entry and the row of a key as well, so every row that a booking of ours writes.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F
from django.utils import timezone
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fabric.models import Pool
from portal.bench.bare_list import Row
from scheduler.journal_kinds import JournalKind
from scheduler.models import Allocation, IdempotencyKey, JournalEntry, Reservation
from scheduler.services._codes import new_code
from scheduler.services.idempotency import LOCK_SECONDS
from scheduler.states import ReservationState

MADE = "id"  # member of the answer: the key of the row, to take it out again
_CODE_CHARS_MAX = 64


class _Line(serializers.Serializer[Any]):
    device_class = serializers.CharField(max_length=_CODE_CHARS_MAX)
    count = serializers.IntegerField(min_value=1)


class _Group(serializers.Serializer[Any]):
    role = serializers.CharField(allow_blank=True, max_length=_CODE_CHARS_MAX)
    nodes = serializers.IntegerField(min_value=1)
    lines = _Line(many=True)


class Wanted(serializers.ModelSerializer[Reservation]):
    """As a program would send it, with what a plan would have added."""

    mix = _Group(many=True)
    pool = serializers.CharField(max_length=_CODE_CHARS_MAX)
    project_id = serializers.IntegerField()
    created_by_id = serializers.IntegerField()
    hosts = serializers.ListField(child=serializers.IntegerField())
    blocks = serializers.ListField(child=serializers.IntegerField())
    is_whole = serializers.BooleanField()

    class Meta:
        model = Reservation
        fields = (
            "mix", "pool", "project_id", "created_by_id", "hosts", "blocks", "is_whole", "title", "plan", "price",
            "watts", "starts_at", "ends_at", "busy_from", "busy_until",
        )  # fmt: skip


class BareBooking(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    def post(self, request: Request) -> Response:
        wanted = Wanted(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = _write(dict(wanted.validated_data), timezone.now())
        return Response({MADE: made.pk, **Row(made).data}, status=201)


def _write(wanted: dict[str, Any], now: datetime) -> Reservation:
    mix, code, is_whole = wanted.pop("mix"), wanted.pop("pool"), wanted.pop("is_whole")
    units = [(None, host) for host in wanted.pop("hosts")] + [(block, None) for block in wanted.pop("blocks")]
    with transaction.atomic():
        pool = Pool.objects.select_for_update(no_key=True).get(code=code)
        made = Reservation.objects.create(
            **wanted,
            pool=pool,
            code=new_code("r"),
            request={"mix": mix},
            state=ReservationState.CONFIRMED,
            next_due_at=wanted["busy_from"],
            idempotency_key=_key(wanted["created_by_id"], now) if is_whole else None,
            created_at=now,
            updated_at=now,
        )
        Allocation.objects.bulk_create(_allocations(made, pool, units))
        Pool.objects.filter(pk=pool.pk).update(generation=F("generation") + 1)
        if is_whole:
            _tell(made, now)
    return made


def _allocations(made: Reservation, pool: Pool, units: Iterable[tuple[int | None, int | None]]) -> list[Allocation]:
    common = {
        "reservation": made,
        "pool": pool,
        "node": 0,
        "during": DateTimeTZRange(made.busy_from, made.busy_until, "[)"),
        "changed_in": pool.generation + 1,
    }
    return [Allocation(block_id=block, host_id=host, **common) for block, host in units]


def _key(user_id: int, now: datetime) -> IdempotencyKey:
    return IdempotencyKey.objects.create(
        user_id=user_id,
        key=new_code("k"),
        method="POST",
        path="/",
        body_sha256="0" * 64,
        locked_until=now + timedelta(seconds=LOCK_SECONDS),
        created_at=now,
    )


def _tell(made: Reservation, now: datetime) -> None:
    JournalEntry.objects.create(
        at=now,
        kind=JournalKind.RESERVATION_CONFIRMED,
        message="Confirmed.",
        reference=made.code,
        reservation=made,
        project_id=made.project_id,
        pool_id=made.pool_id,
        actor_id=made.created_by_id,
        door="api",
    )
