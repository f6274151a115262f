"""What devices cost, and how a project's fair share of each pool stands."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from fabric.models import Pool
from portal.access import project_for
from portal.accounts.scopes import Scope
from portal.api.v1 import parameters, rate_shapes
from portal.api.v1.inventory import InventoryView, codes_of
from portal.api.v1.wire import when
from portal.api.views import ApiView
from scheduler.planning.fair_share import ShareFacts
from scheduler.planning.rates import RateRow
from scheduler.queries.fair_share import fair_shares_of
from scheduler.queries.rates import rates_ahead

HOUR_DIGITS, SHARE_DIGITS = 2, 4


class RateList(InventoryView):
    known = frozenset({"pool"})

    @extend_schema(parameters=parameters.named("this_pool"), responses=rate_shapes.Rates, operation_id="rates")
    def get(self, request: Request) -> Response:
        """Those that hold now or later. Without one, a class costs what the catalogue says."""
        pool = self.params.one_of("pool", codes_of(Pool))
        if self.params.text("pool") is None:
            self.params.add("pool", "required", "Say which pool.")
        self.params.check()
        card = rates_ahead(pool_code=pool or "", now=self.now)
        return Response({"pool": pool, "time_zone": card.time_zone, "rates": [_rate_wire(row) for row in card.rows]})


class ProjectFairShare(ApiView):
    scopes = {"GET": Scope.USAGE_READ}

    @extend_schema(responses=rate_shapes.FairShare, operation_id="project_fair_share")
    def get(self, request: Request, slug: str) -> Response:
        """By pool: what is due, what was had lately, and what follows for the order of the waitlist."""
        self.params.check()
        found = project_for(request, slug)
        shares = fair_shares_of(project_id=found.pk, now=self.now)
        return Response({"project": found.slug, "pools": [_share_wire(pool, one) for pool, one in shares]})


def _rate_wire(row: RateRow) -> dict[str, Any]:
    return {
        "device_class": row.device_class or None,
        "priority": row.priority or None,
        "weekdays": row.weekdays,
        "from_minute": row.from_minute,
        "until_minute": row.until_minute,
        "usd_per_hour": None if row.usd_per_hour is None else str(row.usd_per_hour),
        "percent": row.percent,
        "valid_from": when(row.valid_from),
        "valid_until": when(row.valid_until),
    }


def _share_wire(pool: str, one: ShareFacts) -> dict[str, Any]:
    return {
        "pool": pool,
        "factor": one.factor,
        "share": round(one.share, SHARE_DIGITS),
        "used": round(one.used, SHARE_DIGITS),
        "accelerator_hours": round(one.hours, HOUR_DIGITS),
        "counted_hours": round(one.counted, HOUR_DIGITS),
        "half_life_days": one.half_life_days,
        "reasons": list(one.reasons),
    }
