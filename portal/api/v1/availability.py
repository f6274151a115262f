"""What is free of a pool over time."""

from datetime import UTC, datetime, timedelta
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from fabric.models import Pool, Zone
from portal.api.params import Params
from portal.api.v1 import parameters, search_shapes
from portal.api.v1.inventory import InventoryView, codes_of
from portal.api.v1.wire import when
from scheduler import limits
from scheduler.planning.availability import Free
from scheduler.queries.availability import PoolAvailability, pool_availability

KNOWN = frozenset({"pool", "from", "to", "step", "hours", "zone"})
DAY = timedelta(days=1)


class AvailabilityView(InventoryView):
    known = KNOWN

    @extend_schema(
        parameters=parameters.named(*(KNOWN - {"pool"}), "this_pool"),
        responses=search_shapes.Availability,
        operation_id="availability",
    )
    def get(self, request: Request) -> Response:
        """Free count by device class, and of hosts: of each step what is free for the *whole* of it."""
        wanted = _wanted(self.params, now=self.now)
        self.params.check()
        found = pool_availability(**wanted, now=self.now)
        return Response(_wire(found, **wanted))


def _wanted(params: Params, *, now: datetime) -> dict[str, Any]:
    """A step in minutes. `from` is now unless it is given, `to` a day later."""
    pool, zone = params.one_of("pool", codes_of(Pool)), params.one_of("zone", codes_of(Zone))
    if params.text("pool") is None:
        params.add("pool", "required", "Say which pool.")
    begin = (params.moment("from") or now).astimezone(UTC)
    end = (params.moment("to") or begin + DAY).astimezone(UTC)
    step = params.integer("step", least=1, most=limits.AVAILABILITY_STEP_MINUTES_MAX, default=60)
    hours = params.integer("hours", least=0, most=limits.AVAILABILITY_HOURS_MAX, default=0)
    minutes = (end - begin) // timedelta(minutes=1)
    if end <= begin:
        params.add("to", "inverted", "The end must come after the start.")
    elif minutes > step * limits.AVAILABILITY_STEPS_MAX:
        params.add("step", "too_small", f"This makes more than {limits.AVAILABILITY_STEPS_MAX:,} steps; ask for less.")
    lasting = timedelta(hours=hours) if hours else None
    return {
        "pool_code": pool,
        "zone": zone,
        "begin": begin,
        "end": end,
        "step": timedelta(minutes=step),
        "hours": lasting,
    }


def _wire(
    found: PoolAvailability, *, pool_code: str, zone: str | None, step: timedelta, **asked: Any
) -> dict[str, Any]:
    hours = asked["hours"]
    return {
        "pool": pool_code,
        "zone": zone,
        "generation": found.generation,
        "step_minutes": step // timedelta(minutes=1),
        "hours": None if hours is None else hours // timedelta(hours=1),
        "steps": [when(at) for at in found.free.starts],
        "device_classes": {code: _free_wire(free, hours) for code, free in found.free.classes.items()},
        "hosts": _free_wire(found.free.hosts, hours),
    }


def _free_wire(free: Free, hours: timedelta | None) -> dict[str, Any]:
    return {
        "total": free.total,
        "usable": free.usable,
        "turnaround_minutes": free.turnaround_minutes,
        "free": list(free.whole_step),
        "free_for_hours": None if hours is None else list(free.whole_hours),
    }
