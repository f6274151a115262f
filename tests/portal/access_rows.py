"""Who may call what, worked out by hand from the rule, route by route. The pages' rows are in `access_pages`.

The rule: nobody gets in without identifying (401); a thing of a project one is not in does not exist (404, or 400 where
a body names it); a viewer sees and changes nothing (403); members and leads book and end; an operator sees every
project, books in none, and may end anything. A scoped token (here `inventory:read`) opens only its scope; a revoked one
nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.portal.cast import searched, wish

ROLES = ("nobody", "stranger", "viewer", "member", "lead", "operator", "scoped", "revoked")


@dataclass(frozen=True)
class Row:
    """`statuses` are those of ROLES, in order. `{code}` and `{token}` stand for what alice has of each."""

    method: str
    route: str
    statuses: tuple[int, ...]
    query: str = ""
    body: Callable[[], Any] | None = None
    values: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.route}"


INVENTORY = (401, 200, 200, 200, 200, 200, 200, 401)
LISTS = (401, 200, 200, 200, 200, 200, 403, 401)
ONE_SEEN = (401, 404, 200, 200, 200, 200, 403, 401)
ONE_CHANGED = (401, 404, 403, 200, 200, 200, 403, 401)
TOO_EARLY = (401, 404, 403, 409, 409, 409, 403, 401)
BOOKED = (401, 400, 403, 201, 201, 403, 403, 401)
SEARCHED = (401, 400, 403, 200, 200, 403, 403, 401)
OPEN = (200,) * 8
NOWHERE = (404,) * 8

V1 = "api/v1/"
ONE = (("code", "{code}"),)
API_ROWS = (
    Row("get", V1 + "pools/", INVENTORY),
    Row("get", V1 + "pools/<slug:code>/", INVENTORY, values=(("code", "lab"),)),
    Row("get", V1 + "device-classes/", INVENTORY),
    Row("get", V1 + "hosts/", INVENTORY),
    Row("get", V1 + "blocks/", INVENTORY),
    Row("get", V1 + "maintenance/", INVENTORY),
    Row("get", V1 + "projects/", LISTS),
    Row("get", V1 + "projects/<slug:slug>/quota/", ONE_SEEN, values=(("slug", "team-chat"),)),
    Row("post", V1 + "quotes/", BOOKED, body=wish),
    Row("post", V1 + "slots/", SEARCHED, body=searched),
    Row("get", V1 + "availability/", INVENTORY, query="?pool=lab"),
    Row("get", V1 + "reservations/", LISTS),
    Row("post", V1 + "reservations/", BOOKED, body=wish),
    Row("get", V1 + "reservations/<slug:code>/", ONE_SEEN, values=ONE),
    Row("get", V1 + "reservations/<slug:code>/wait/", ONE_SEEN, query="?timeout=0", values=ONE),
    Row("get", V1 + "reservations/<slug:code>/events/", ONE_SEEN, values=ONE),
    Row("post", V1 + "reservations/<slug:code>/confirm/", ONE_CHANGED, values=ONE),
    Row("post", V1 + "reservations/<slug:code>/cancel/", ONE_CHANGED, values=ONE),
    Row("post", V1 + "reservations/<slug:code>/release/", ONE_CHANGED, values=ONE),
    Row(
        "post",
        V1 + "reservations/<slug:code>/extend/",
        TOO_EARLY,
        body=lambda: {"ends_at": "2030-05-13T12:30:00Z"},
        values=ONE,
    ),
    Row("get", V1 + "reservations/<slug:code>/swap/", TOO_EARLY, query="?block=pru-01-s01", values=ONE),
    Row("post", V1 + "reservations/<slug:code>/swap/", TOO_EARLY, body=lambda: {"block": "pru-01-s01"}, values=ONE),
    Row("get", V1 + "events/", LISTS),
    Row("get", V1 + "tokens/", LISTS),
    Row("post", V1 + "tokens/", (401, 201, 201, 201, 201, 201, 403, 401), body=lambda: {"name": "x", "days": 1}),
    Row(
        "delete",
        V1 + "tokens/<slug:prefix>/",
        (401, 404, 404, 404, 204, 404, 403, 401),
        values=(("prefix", "{token}"),),
    ),
    Row("get", V1, NOWHERE),
    Row("get", "api/", NOWHERE),
    Row("get", "api/schema/", OPEN),
    Row("get", "api/docs/", OPEN),
    Row("get", "healthz", OPEN),
    Row("get", "readyz", OPEN),
)
