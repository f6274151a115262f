"""Query parameters and headers, described once for the schema."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from scheduler import limits
from scheduler.queries.units import UNIT_STATES
from scheduler.states import ReservationState

ENDLESS_SECONDS = 86_400  # what is more than the ceiling of `wait` is cut to it; what is more than this is a mistake
ENTRY_ID_MAX = 2**63 - 1
VISIBLE = "^[!-~]([ -~]*[!-~])?$"  # ASCII; HTTP takes spaces at either end away


def _header(name: str, schema: dict[str, object], description: str) -> OpenApiParameter:
    return OpenApiParameter(
        name, {"type": "string", **schema}, OpenApiParameter.HEADER, required=False, description=description
    )


def _text(name: str, description: str, **more: Any) -> OpenApiParameter:
    """A word of the query; an empty one names nothing."""
    return OpenApiParameter(name, {"type": "string", "minLength": 1}, description=description, **more)


def _moment(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.DATETIME, description=f"{description} RFC 3339 with an offset.")


IDEMPOTENCY_KEY = _header(
    "Idempotency-Key",
    {"minLength": 1, "maxLength": limits.IDEMPOTENCY_KEY_CHARS_MAX, "pattern": VISIBLE},
    "Same key and body, same answer, for 48 hours; another body is refused with 422.",
)
GUARDED = [
    IDEMPOTENCY_KEY,
    _header("If-Match", {}, "The version one has seen, as in ETag; 412 if there is a newer one."),
]

_PARAMETERS: dict[str, OpenApiParameter] = {
    "cursor": _text("cursor", "Follow `next` instead of making one."),
    "limit": OpenApiParameter(
        "limit", {"type": "integer", "minimum": 1, "maximum": limits.PAGE_SIZE_MAX, "default": limits.PAGE_SIZE}
    ),
    "pool": _text("pool", "Code of a pool."),
    "this_pool": _text("pool", "Code of a pool.", required=True),
    "project": _text("project", "Slug of a project."),
    "device_class": _text("device_class", "Code of a device class."),
    "zone": _text("zone", "Code of a zone."),
    "unit_state": OpenApiParameter("state", str, enum=[str(state) for state in UNIT_STATES]),
    "reservation_state": OpenApiParameter("state", str, enum=[state.value for state in ReservationState]),
    "wanted_state": OpenApiParameter(
        "state", str, enum=[state.value for state in ReservationState], default=ReservationState.ACTIVE.value
    ),
    "timeout": OpenApiParameter(
        "timeout",
        {"type": "integer", "minimum": 0, "maximum": ENDLESS_SECONDS, "default": limits.WAIT_SECONDS_MAX},
        description="Seconds; what is more than the site's ceiling, at most 60, is cut to it.",
    ),
    "from": _moment("from", "Where the period begins."),
    "to": _moment("to", "Where it ends, exclusive."),
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
    "block": _text("block", "Code of a block.", required=True),
    "mine": OpenApiParameter("mine", bool, description="Only those the caller made."),
    "after": OpenApiParameter(
        "after", {"type": "integer", "minimum": 0, "maximum": ENTRY_ID_MAX, "default": 0}, description="Id of an entry."
    ),
}


def named(*names: str) -> list[OpenApiParameter]:
    return [_PARAMETERS[name] for name in sorted(names)]
