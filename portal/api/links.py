"""What one can do with what was answered: links from an answer to the operations that take its names. Pure.

Programs follow them, and tests that go from state to state do.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]
CODE = {"code": "$response.body#/code"}
FIRST = {"code": "$response.body#/results/0/code"}
GUARD = {"If-Match": "$response.header.ETag"}
READS = ("reservation", "wait", "reservation_events")
VERBS = ("confirm", "cancel", "extend", "release", "check_in")
WEBHOOK = ("webhook", "webhook_deliveries", "test_webhook", "rotate_webhook", "change_webhook", "delete_webhook")
SERVICE = {"slug": "$response.body#/project", "name": "$response.body#/name"}
FIRST_BLOCK = "$response.body#/plan/nodes/0/blocks/0/code"


@dataclass(frozen=True)
class Link:
    """To one operation: its parameters, and its body where the answer has all of it."""

    to: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


_ONE = (
    *(Link(to, CODE) for to in READS),
    *(Link(to, CODE | GUARD) for to in VERBS),
    Link("resize", CODE | GUARD, {"mix": "$response.body#/mix"}),
    Link("shorten", CODE | GUARD, {"ends_at": "$response.body#/ends_at"}),
    Link("move", CODE | GUARD, {"starts_at": "$response.body#/starts_at"}),
    Link("auto_extend", CODE | GUARD, {"until": None}),
    Link("swap_offer", CODE | {"block": FIRST_BLOCK}),
    Link("swap", CODE | GUARD, {"block": FIRST_BLOCK}),
)
_WEBHOOK = tuple(Link(to, CODE) for to in WEBHOOK)
LINKS: Mapping[tuple[str, str], tuple[Link, ...]] = {
    ("quote", "201"): (Link("book", body={"quote": "$response.body#/id"}),),
    ("slots", "200"): (Link("book", body={"quote": "$response.body#/windows/0/id"}),),
    ("book", "201"): _ONE,
    ("confirm", "200"): _ONE,
    ("wait", "200"): _ONE,
    ("reservation", "200"): _ONE,
    ("reservations", "200"): tuple(Link(to, FIRST) for to in READS),
    ("pools", "200"): (Link("pool", FIRST), Link("availability", {"pool": FIRST["code"]})),
    ("pool", "200"): (Link("availability", {"pool": "$response.body#/code"}),),
    ("projects", "200"): (Link("project_quota", {"slug": "$response.body#/results/0/slug"}),),
    ("make_series", "201"): (
        Link("one_series", CODE),
        Link("change_series", CODE | GUARD, {"title": "$response.body#/title"}),
        Link("end_series", CODE | GUARD),
    ),
    ("make_alert", "201"): (Link("remove_alert", CODE),),
    ("delegate", "201"): (Link("end_delegation", {"number": "$response.body#/id"}),),
    ("make_token", "201"): (Link("revoke_token", {"prefix": "$response.body#/id"}),),
    ("make_service_account", "201"): tuple(
        Link(to, SERVICE) for to in ("service_account", "make_service_token", "remove_service_account")
    ),
    ("make_service_token", "201"): (
        Link(
            "revoke_service_token",
            {
                "slug": "$request.path.slug",
                "name": "$request.path.name",
                "prefix": "$response.body#/id",
            },
        ),
    ),
    ("make_webhook", "201"): _WEBHOOK,
    ("make_operators_webhook", "201"): _WEBHOOK,
    ("test_webhook", "201"): tuple(
        Link(to, {"code": "$request.path.code", "message_id": "$response.body#/id"})
        for to in ("webhook_delivery", "replay_delivery")
    ),
    ("webhook_deliveries", "200"): tuple(
        Link(to, {"code": "$request.path.code", "message_id": "$response.body#/results/0/id"})
        for to in ("webhook_delivery", "replay_delivery")
    ),
}
"""By operation and status; what does not exist is left out."""


def add(operation: Schema, known: Collection[str]) -> None:
    for (name, status), wanted in LINKS.items():
        there = {link.to: _wire(link) for link in wanted if link.to in known}
        if name == operation["operationId"] and there:
            operation["responses"][status]["links"] = there


def _wire(link: Link) -> Schema:
    wire: Schema = {"operationId": link.to}
    if link.parameters:
        wire["parameters"] = dict(link.parameters)
    if link.body is not None:
        wire["requestBody"] = link.body
    return wire
