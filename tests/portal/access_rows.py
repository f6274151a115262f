"""Who may call what, worked out by hand from the rule, route by route. The pages' rows are in `access_pages`.

The rule: nobody gets in without identifying (401), nor with a token that was revoked or a session that is over; a thing
of a project one is not in does not exist (404, or 400 where a body names it); a viewer sees and changes nothing (403);
members and leads book and end; an operator sees every project, books in none, and may end anything; a superuser may
here what an operator may, and no more. A scoped token (the column's is a member's with `inventory:read`) opens only its
scope; `scope` of a row is the one it takes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.portal.cast import MONDAY, repeated, searched, wish

ROLES = (
    "anonymous",
    "stranger",
    "viewer",
    "member",
    "lead",
    "operator",
    "superuser",
    "scoped",
    "revoked",
    "expired",
)


@dataclass(frozen=True)
class Row:
    """`statuses` are those of ROLES, in order. `{code}` and `{token}` stand for what alice has of each.

    `scope` is what a narrowed token must name to be let in as its user is; with none of them no narrowed token is.
    """

    method: str
    route: str
    statuses: tuple[int, ...]
    query: str = ""
    body: Callable[[], Any] | None = None
    values: tuple[tuple[str, str], ...] = ()
    scope: str = ""

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.route}"


def samples() -> Any:
    return {"pool": "lab", "samples": [{"block": "pru-01-s01", "at": MONDAY.isoformat(), "percent": 40}]}


INVENTORY = (401, 200, 200, 200, 200, 200, 200, 200, 401, 401)
LISTS = (401, 200, 200, 200, 200, 200, 200, 403, 401, 401)
ONE_SEEN = (401, 404, 200, 200, 200, 200, 200, 403, 401, 401)
ONE_CHANGED = (401, 404, 403, 200, 200, 200, 200, 403, 401, 401)
TOO_EARLY = (401, 404, 403, 409, 409, 409, 409, 403, 401, 401)
NOT_ONES_OWN = (401, 404, 403, 403, 403, 409, 409, 403, 401, 401)  # a lead's: for operators, whom nobody asked
BOOKED = (401, 400, 403, 201, 201, 403, 403, 403, 401, 401)
SEARCHED = (401, 400, 403, 200, 200, 403, 403, 403, 401, 401)
LED_NEW = (401, 404, 403, 403, 201, 403, 403, 403, 401, 401)
LED_GONE = (401, 404, 403, 403, 204, 403, 403, 403, 401, 401)
LED_SEEN = (401, 404, 403, 403, 200, 403, 403, 403, 401, 401)
SITE_SEEN = (401, 403, 403, 403, 403, 200, 200, 403, 401, 401)
SITE_NEW = (401, 403, 403, 403, 403, 201, 201, 403, 401, 401)
SEE_STOCK, READ, WRITE, USAGE = "inventory:read", "reservations:read", "reservations:write", "usage:read"
OPEN = (200,) * len(ROLES)
NOWHERE = (404,) * len(ROLES)

V1 = "api/v1/"
SERIES = (("code", "{series}"),)
ONE = (("code", "{code}"),)
CHAT = (("slug", "team-chat"),)
PROGRAM = (*CHAT, ("name", "nightly"))
PROGRAMS = V1 + "projects/<slug:slug>/service-accounts/"
ONE_PROGRAM = PROGRAMS + "<slug:name>/"
HOOK = (("code", "{hook}"),)
MESSAGE = (*HOOK, ("message_id", "{message}"))
HOOKS = V1 + "webhooks/"
DELIVERY = HOOKS + "<slug:code>/deliveries/<slug:message_id>/"


def to_example() -> dict[str, str]:
    return {"url": "https://example.org/in"}


def to_hear_of() -> dict[str, Any]:
    return searched(not_after="2030-05-17T00:00:00Z")


API_ROWS = (
    Row("get", V1 + "pools/", INVENTORY, scope=SEE_STOCK),
    Row("get", V1 + "pools/<slug:code>/", INVENTORY, values=(("code", "lab"),), scope=SEE_STOCK),
    Row("get", V1 + "device-classes/", INVENTORY, scope=SEE_STOCK),
    Row("get", V1 + "hosts/", INVENTORY, scope=SEE_STOCK),
    Row("get", V1 + "blocks/", INVENTORY, scope=SEE_STOCK),
    Row("post", V1 + "telemetry/", SITE_SEEN, body=samples, scope="operate"),
    Row("get", V1 + "maintenance/", INVENTORY, scope=SEE_STOCK),
    Row("get", V1 + "projects/", LISTS, scope=READ),
    Row("get", V1 + "projects/<slug:slug>/quota/", ONE_SEEN, values=CHAT, scope=USAGE),
    Row("get", V1 + "projects/<slug:slug>/fair-share/", ONE_SEEN, values=CHAT, scope=USAGE),
    Row("get", V1 + "rates/", INVENTORY, query="?pool=lab", scope=SEE_STOCK),
    Row("get", V1 + "usage/", LISTS, scope=USAGE),
    Row("get", PROGRAMS, ONE_SEEN, values=CHAT),
    Row("post", PROGRAMS, LED_NEW, body=lambda: {"name": "another"}, values=CHAT),
    Row("get", ONE_PROGRAM, ONE_SEEN, values=PROGRAM),
    Row("delete", ONE_PROGRAM, LED_GONE, values=PROGRAM),
    Row("post", ONE_PROGRAM + "tokens/", LED_NEW, body=lambda: {"name": "x", "days": 1}, values=PROGRAM),
    Row("delete", ONE_PROGRAM + "tokens/<slug:prefix>/", LED_GONE, values=(*PROGRAM, ("prefix", "{program_token}"))),
    Row("get", V1 + "projects/<slug:slug>/webhooks/", LED_SEEN, values=CHAT),
    Row("post", V1 + "projects/<slug:slug>/webhooks/", LED_NEW, body=to_example, values=CHAT),
    Row("get", HOOKS, SITE_SEEN),
    Row("post", HOOKS, SITE_NEW, body=to_example),
    Row("get", HOOKS + "<slug:code>/", LED_SEEN, values=HOOK),
    Row("patch", HOOKS + "<slug:code>/", LED_SEEN, body=lambda: {"enabled": False}, values=HOOK),
    Row("delete", HOOKS + "<slug:code>/", LED_GONE, values=HOOK),
    Row("post", HOOKS + "<slug:code>/rotate/", LED_SEEN, values=HOOK),
    Row("post", HOOKS + "<slug:code>/test/", LED_NEW, values=HOOK),
    Row("get", HOOKS + "<slug:code>/deliveries/", LED_SEEN, values=HOOK),
    Row("get", DELIVERY, LED_SEEN, values=MESSAGE),
    Row("post", DELIVERY + "replay/", LED_NEW, values=MESSAGE),
    Row("post", V1 + "quotes/", BOOKED, body=wish, scope=WRITE),
    Row("post", V1 + "slots/", SEARCHED, body=searched, scope=WRITE),
    Row("get", V1 + "series/", LISTS, scope=READ),
    Row("post", V1 + "series/", BOOKED, body=repeated, scope=WRITE),
    Row("get", V1 + "series/<slug:code>/", ONE_SEEN, values=SERIES, scope=READ),
    Row("patch", V1 + "series/<slug:code>/", ONE_CHANGED, body=dict, values=SERIES, scope=WRITE),
    Row("delete", V1 + "series/<slug:code>/", ONE_CHANGED, values=SERIES, scope=WRITE),
    Row("get", V1 + "waitlist/", LISTS, scope=READ),
    Row("get", V1 + "alerts/", LISTS, scope=READ),
    Row("post", V1 + "alerts/", BOOKED, body=to_hear_of, scope=WRITE),
    Row(
        "delete",
        V1 + "alerts/<slug:code>/",
        (401, 404, 404, 404, 204, 404, 404, 403, 401, 401),  # Alice's own, and nobody else's
        values=(("code", "{alert}"),),
        scope=WRITE,
    ),
    Row("get", V1 + "availability/", INVENTORY, query="?pool=lab", scope=SEE_STOCK),
    Row("get", V1 + "reservations/", LISTS, scope=READ),
    Row("post", V1 + "reservations/", BOOKED, body=wish, scope=WRITE),
    Row("get", V1 + "reservations/<slug:code>/", ONE_SEEN, values=ONE, scope=READ),
    Row("get", V1 + "reservations/<slug:code>/wait/", ONE_SEEN, query="?timeout=0", values=ONE, scope=READ),
    Row("get", V1 + "reservations/<slug:code>/events/", ONE_SEEN, values=ONE, scope=READ),
    Row("post", V1 + "reservations/<slug:code>/confirm/", ONE_CHANGED, values=ONE, scope=WRITE),
    Row("post", V1 + "reservations/<slug:code>/cancel/", ONE_CHANGED, values=ONE, scope=WRITE),
    Row("post", V1 + "reservations/<slug:code>/release/", ONE_CHANGED, values=ONE, scope=WRITE),
    Row("post", V1 + "reservations/<slug:code>/check-in/", TOO_EARLY, values=ONE, scope=WRITE),
    Row(
        "post",
        V1 + "reservations/<slug:code>/extend/",
        TOO_EARLY,
        body=lambda: {"ends_at": "2030-05-13T12:30:00Z"},
        values=ONE,
        scope=WRITE,
    ),
    Row(
        "post",
        V1 + "reservations/<slug:code>/resize/",
        ONE_CHANGED,
        body=lambda: {"groups": [{"role": "", "nodes": 1}]},
        values=ONE,
        scope=WRITE,
    ),
    Row(
        "post",
        V1 + "reservations/<slug:code>/shorten/",
        TOO_EARLY,
        body=lambda: {"ends_at": "2030-05-13T11:30:00Z"},
        values=ONE,
        scope=WRITE,
    ),
    Row(
        "post",
        V1 + "reservations/<slug:code>/move/",
        ONE_CHANGED,
        body=lambda: {"starts_at": "2030-05-13T16:00:00Z"},
        values=ONE,
        scope=WRITE,
    ),
    Row(
        "post",
        V1 + "reservations/<slug:code>/auto-extend/",
        ONE_CHANGED,
        body=lambda: {"until": "2030-05-13T13:00:00Z"},
        values=ONE,
        scope=WRITE,
    ),
    Row(
        "post",
        V1 + "reservations/<slug:code>/elastic/",
        ONE_CHANGED,
        body=lambda: {"elastic": {"": {"floor": 1, "ceiling": 2}}},
        values=ONE,
        scope=WRITE,
    ),
    Row(
        "post",
        V1 + "reservations/<slug:code>/hand-over/",
        ONE_CHANGED,
        body=lambda: {"user": "bob"},
        values=ONE,
        scope=WRITE,
    ),
    Row("get", V1 + "reservations/<slug:code>/swap/", TOO_EARLY, query="?block=pru-01-s01", values=ONE, scope=READ),
    Row(
        "post",
        V1 + "reservations/<slug:code>/swap/",
        TOO_EARLY,
        body=lambda: {"block": "pru-01-s01"},
        values=ONE,
        scope=WRITE,
    ),
    Row("post", V1 + "reservations/<slug:code>/approve/", NOT_ONES_OWN, values=ONE, scope=WRITE),
    Row(
        "post",
        V1 + "reservations/<slug:code>/reject/",
        NOT_ONES_OWN,
        body=lambda: {"reason": "No."},
        values=ONE,
        scope=WRITE,
    ),
    Row("get", V1 + "approvals/", LISTS, scope=READ),
    Row("get", V1 + "delegations/", LISTS),
    Row(
        "post",
        V1 + "delegations/",
        (401, 400, 400, 400, 201, 201, 201, 403, 401, 401),  # who decides on nothing has nothing to give
        body=lambda: {"to": "vera", "ends_at": "2030-05-20T08:00:00Z"},
    ),
    Row(
        "delete",
        V1 + "delegations/<int:number>/",
        (401, 404, 404, 204, 204, 404, 404, 403, 401, 401),  # Alice gave it, Bob took it
        values=(("number", "{delegation}"),),
    ),
    Row("get", V1 + "events/", LISTS, scope=READ),
    Row("get", V1 + "tokens/", LISTS),
    Row(
        "post",
        V1 + "tokens/",
        (401, 201, 201, 201, 201, 201, 201, 403, 401, 401),
        body=lambda: {"name": "x", "days": 1},
    ),
    Row(
        "delete",
        V1 + "tokens/<slug:prefix>/",
        (401, 404, 404, 404, 204, 404, 404, 403, 401, 401),
        values=(("prefix", "{token}"),),
    ),
    Row("get", V1, NOWHERE),
    Row("get", "api/", NOWHERE),
    Row("get", "api/schema/", OPEN),
    Row("get", "api/docs/", OPEN),
    Row("get", "healthz", OPEN),
    Row("get", "readyz", OPEN),
    Row("get", "metrics", SITE_SEEN),
)
