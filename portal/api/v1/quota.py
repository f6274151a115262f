"""What a project may hold, holds and has booked: the figures of its page."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import project_for
from portal.accounts.scopes import Scope
from portal.api.v1 import quota_shapes
from portal.api.v1.wire import when
from portal.api.views import ApiView
from scheduler.queries.ceilings import CeilingUse
from scheduler.queries.quotas import PoolQuota, Use, project_quotas

BOUNDS = (
    "near_term_hours",
    "horizon_days",
    "min_duration_minutes",
    "max_duration_hours",
    "min_lead_minutes",
    "priority_max",
)


class ProjectQuota(ApiView):
    scopes = {"GET": Scope.USAGE_READ}

    @extend_schema(responses=quota_shapes.ProjectQuota, operation_id="project_quota")
    def get(self, request: Request, slug: str) -> Response:
        """By pool and device class: held now, most held at once in what is booked, device-hours of this month."""
        self.params.check()
        found = project_for(request, slug)
        quotas = project_quotas(project=found, now=self.now)
        return Response({"project": found.slug, "pools": [_pool_wire(quota) for quota in quotas]})


def _pool_wire(quota: PoolQuota) -> dict[str, Any]:
    return {
        "pool": quota.pool,
        "accelerators_max": quota.accelerators_max,
        "gpu_hours_per_month": quota.gpu_hours_per_month,
        "mig_only": quota.is_mig_only,
        "month_starts_at": when(quota.month_starts_at),
        "month_ends_at": when(quota.month_ends_at),
        **_use_wire(quota.use),
        "device_classes": [{"device_class": one.code, **_use_wire(one.use)} for one in quota.classes],
        "ceilings": [_ceiling_wire(one) for one in quota.ceilings],
        "bounds": {name: getattr(quota.facts, name, None) for name in BOUNDS},
    }


def _ceiling_wire(one: CeilingUse) -> dict[str, Any]:
    return {
        "device_class": one.device_class or None,
        "kind": one.kind or None,
        "period": one.period.replace(" ", "_"),
        "ceiling": one.ceiling,
        "used": round(one.used, 2),
        "starts_at": when(one.begins_at),
        "ends_at": when(one.ends_at),
    }


def _use_wire(use: Use) -> dict[str, Any]:
    return {**asdict(use), "most_at": when(use.most_at)}
