"""Query parameters and headers, described once for the schema."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from scheduler import limits
from scheduler.queries.units import UNIT_STATES
from scheduler.states import ReservationState


def _header(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, required=False, description=description)


IDEMPOTENCY_KEY = _header(
    "Idempotency-Key", "Same key and body, same answer, for 48 hours; another body is refused with 422."
)
GUARDED = [IDEMPOTENCY_KEY, _header("If-Match", "The version one has seen, as in ETag; 412 if there is a newer one.")]

_PARAMETERS: dict[str, OpenApiParameter] = {
    "cursor": OpenApiParameter("cursor", str, description="Follow `next` instead of making one."),
    "limit": OpenApiParameter(
        "limit", {"type": "integer", "minimum": 1, "maximum": limits.PAGE_SIZE_MAX, "default": limits.PAGE_SIZE}
    ),
    "pool": OpenApiParameter("pool", str, description="Code of a pool."),
    "project": OpenApiParameter("project", str, description="Slug of a project."),
    "device_class": OpenApiParameter("device_class", str, description="Code of a device class."),
    "zone": OpenApiParameter("zone", str, description="Code of a zone."),
    "unit_state": OpenApiParameter("state", str, enum=[str(state) for state in UNIT_STATES]),
    "reservation_state": OpenApiParameter("state", str, enum=[state.value for state in ReservationState]),
    "wanted_state": OpenApiParameter(
        "state", str, enum=[state.value for state in ReservationState], default=ReservationState.ACTIVE.value
    ),
    "timeout": OpenApiParameter(
        "timeout", {"type": "integer", "minimum": 0, "default": limits.WAIT_SECONDS_MAX}, description="Seconds."
    ),
    "from": OpenApiParameter("from", OpenApiTypes.DATETIME, description="With an offset."),
    "to": OpenApiParameter("to", OpenApiTypes.DATETIME, description="With an offset."),
    "step": OpenApiParameter(
        "step",
        {"type": "integer", "minimum": 1, "maximum": limits.AVAILABILITY_STEP_MINUTES_MAX, "default": 60},
        description="Minutes.",
    ),
    "hours": OpenApiParameter(
        "hours",
        {"type": "integer", "minimum": 0, "maximum": limits.AVAILABILITY_HOURS_MAX, "default": 0},
        description="Also what is free for the whole of the next so many hours, from each step on.",
    ),
    "block": OpenApiParameter("block", str, required=True, description="Code of a block."),
    "mine": OpenApiParameter("mine", bool, description="Only those the caller made."),
    "after": OpenApiParameter("after", {"type": "integer", "minimum": 0, "default": 0}, description="Id of an entry."),
}


def named(*names: str) -> list[OpenApiParameter]:
    return [_PARAMETERS[name] for name in sorted(names)]
