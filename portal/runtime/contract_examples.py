"""Examples that hold a date, for one run: what the schema shows for people holds none, so that it stays true. Pure."""

from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

Json = dict[str, Any]
ONE_CARD = [{"lines": [{"device_class": "nvidia-l40s-48gb", "count": 1}]}]
PLACE = {"project": "team-chat", "pool": "lab", "mix": ONE_CARD, "duration_minutes": 60}


def with_dates(schema: Json, *, now: datetime) -> Json:
    """The same with an example for each operation that can make nothing without a moment ahead."""
    bodies, shown = bodies_at(now), deepcopy(schema)
    for methods in shown["paths"].values():
        for operation in methods.values():
            body = bodies.get(operation["operationId"])
            if body is not None:
                content = operation["requestBody"]["content"]["application/json"]
                content.setdefault("examples", {})["dated"] = {"value": body}
    return shown


def bodies_at(now: datetime) -> dict[str, Json]:
    """By operation, on the demo pool."""
    tomorrow, next_week = now + timedelta(days=1), (now + timedelta(days=7)).isoformat(timespec="seconds")
    first = f"{tomorrow:%Y-%m-%d}T10:00"
    return {
        "make_series": {**PLACE, "rule": "FREQ=DAILY;COUNT=2", "time_zone": "UTC", "starts_local": first},
        "make_alert": {**PLACE, "not_after": next_week},
        "delegate": {"to": "bob", "ends_at": next_week},
        "post_telemetry": {
            "pool": "lab",
            "samples": [{"block": "pru-01-s01", "at": now.isoformat(timespec="seconds"), "percent": 50}],
        },
    }
