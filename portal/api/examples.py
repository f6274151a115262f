"""Examples that run: each can be sent as it stands to a portal with the demo pool, and a test does so. Pure.

Nothing in them is a date: a start that is left out is now, so that they stay true.
"""

from typing import Any

Schema = dict[str, Any]
L40S = "nvidia-l40s-48gb"
PLACE = {"project": "team-chat", "pool": "lab"}
ONE_CARD = {"mix": [{"lines": [{"device_class": L40S, "count": 1}]}]}
TWO_ROLES = {
    "mix": [
        {
            "role": "prefill",
            "nodes": 1,
            "lines": [{"selector": "device.kind == 'gpu' && device.memory_gib >= 90", "count": 2}],
            "placement": {"same_pru": True},
        },
        {"role": "decode", "nodes": 1, "lines": [{"first_of": [{"device_class": L40S, "count": 1}]}]},
    ]
}
BODIES: dict[str, dict[str, tuple[str, Any]]] = {
    "quote": {
        "one_card": ("One card for an hour, from now", {**PLACE, "duration_minutes": 60, **ONE_CARD}),
        "two_roles": ("Prefill and decode", {**PLACE, "title": "70B, split", "duration_minutes": 45, **TWO_ROLES}),
    },
    "slots": {
        "next_two": ("The first two starts", {**PLACE, "duration_minutes": 60, "limit": 2, **ONE_CARD}),
    },
    "book": {
        "now": ("One card for an hour, from now", {**PLACE, "title": "A try", "duration_minutes": 60, **ONE_CARD}),
        "hold": ("Held for ten minutes", {**PLACE, "duration_minutes": 30, "hold_minutes": 10, **ONE_CARD}),
    },
    "resize": {
        "counts": ("One node of its only group", {"groups": [{"nodes": 1}]}),
        "mix": ("Two cards on its node", {"mix": [{"lines": [{"device_class": L40S, "count": 2}]}]}),
    },
    "make_token": {
        "job": ("For a nightly job", {"name": "nightly job", "scopes": ["reservations:write"], "days": 14}),
    },
    "make_service_account": {"pipeline": ("For a pipeline", {"name": "pipeline", "role": "member"})},
    "make_service_token": {"nightly": ("For a month", {"name": "nightly", "days": 14})},
    "make_webhook": {
        "reservations": (
            "All about reservations",
            {"url": "https://hooks.example.com/heddle", "kinds": ["reservation.*"]},
        ),
    },
    "make_operators_webhook": {"all": ("Everything", {"url": "https://hooks.example.com/operators"})},
    "change_webhook": {"off": ("Switch it off", {"enabled": False})},
    "cancel": {"why": ("With a reason", {"reason": "no longer needed"})},
    "release": {"why": ("With a reason", {"reason": "done early"})},
}
"""By operation: name → what it shows, and the body."""

WORDS: dict[str, Any] = {"pool": "lab", "project": "team-chat", "device_class": L40S, "slug": "team-chat", "limit": 20}
"""By parameter; `code` of a pool is in OWN_WORDS."""

OWN_WORDS: dict[str, dict[str, Any]] = {"pool": {"code": "lab"}, "wait": {"timeout": 1}}
"""By operation and parameter."""


def add(operation: Schema) -> None:
    """To the body and the parameters of one operation, where there are any."""
    name = operation["operationId"]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        shown = {key: {"summary": summary, "value": body} for key, (summary, body) in BODIES.get(name, {}).items()}
        if shown:
            content.setdefault("examples", shown)
    words = WORDS | OWN_WORDS.get(name, {})
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in words and parameter["in"] != "header":
            parameter.setdefault("example", words[parameter["name"]])
