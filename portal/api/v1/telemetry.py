"""How busy devices are, as agents or a query of a monitoring system tell it. For operators' programs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fabric.models import Pool
from portal.access import operator_required
from portal.accounts.scopes import Scope
from portal.api.body import body_of
from portal.api.views import ApiView
from scheduler import limits
from scheduler.refusals import FieldError, Invalid
from scheduler.services.telemetry import keep_samples
from scheduler.telemetry_parsing import CODE_CHARS_MAX, PERCENT_MAX, SOURCE_CHARS_MAX, Telemetry, parse_telemetry


class Sample(serializers.Serializer[Any]):
    block = serializers.CharField(max_length=CODE_CHARS_MAX)
    at = serializers.DateTimeField()
    percent = serializers.IntegerField(min_value=0, max_value=PERCENT_MAX)


class TelemetryWish(serializers.Serializer[Any]):
    pool = serializers.CharField(max_length=CODE_CHARS_MAX)
    source = serializers.CharField(  # type: ignore[assignment]  # a member of the body, not the field's own
        max_length=SOURCE_CHARS_MAX, required=False, allow_blank=True
    )
    samples = serializers.ListField(child=Sample(), min_length=1, max_length=limits.UTILISATION_SAMPLES_MAX)


class TelemetryKept(serializers.Serializer[Any]):
    taken = serializers.IntegerField()
    unknown = serializers.ListField(child=serializers.CharField())


class TelemetryPost(ApiView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(request=TelemetryWish, responses=TelemetryKept, operation_id="post_telemetry")
    def post(self, request: Request) -> Response:
        """Mean activity of blocks since the sample before, in percent. Sending a sample again changes nothing; blocks
        that the pool does not have are named and passed over.
        """
        operator_required(request)
        told = parse_telemetry(body_of(request), now=self.now)
        kept = keep_samples(pool=_pool(told), samples=told.samples, source=told.source)
        return Response({"taken": kept.taken, "unknown": list(kept.unknown)})


def _pool(told: Telemetry) -> Pool:
    pool = Pool.objects.filter(code=told.pool).first()
    if pool is None:
        raise Invalid([FieldError("pool", "unknown", "There is no such pool.")])
    return pool
