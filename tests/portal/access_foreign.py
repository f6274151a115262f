"""Names of another project's things, tried wherever a call takes one in its query or its body, worked out by hand.

The rule: what another project has does not exist. Where a path names it the answer is 404, and that is in the tables of
`access_rows` and `access_pages` (the stranger's column); a query or a body that names it is 400, as for any name that
names nothing; a page that only narrows a list or fills a form by it passes it over. Who asks is a stranger to
team-chat, or a program that is bound to team-research although its user is in both, or operates. `narrowed` is what
these are answered where no narrowed token may call at all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.portal.access_rows import CHAT, V1, to_hear_of
from tests.portal.cast import repeated, searched, wish

OF_A_PROJECT = frozenset({"project", "user", "quote", "copy", "preset", "reservation", "id", "before"})
"""Names that say a thing which belongs to somebody. What a call takes by another name is nobody's, or one's place in a
list, and is in SHARED; a name in neither fails the test, so that whoever adds one thinks of it."""

SHARED = frozenset(
    {
        *("pool", "zone", "device_class", "chassis", "block", "pinned", "host", "profile", "selector"),
        *("state", "from", "to", "step", "hours", "by", "format", "timeout", "mine", "sort", "tab", "text", "q"),
        *("kind", "kinds", "person", "topic", "topics", "zoom", "span", "rows", "at", "until", "power_cap_w"),
        *(
            "answer",
            "limit",
            "cursor",
            "after",
            "hosts_after",
            "next",
            "tour",
            "ask",
            "action",
            "version",
            "kept",
            "scope",
        ),
        *("rule", "starts_local", "on_misfit", "in_gap", "in_fold", "excluded", "from_occurrence"),
        *("answer", "stop", "elastic", "auto_extend_until", "starts_at_fold", "ends_at_fold", "until_fold"),
        *("title", "mix", "groups", "placement", "priority", "on_failure", "starts_at", "ends_at", "hold_minutes"),
        *("duration_minutes", "not_before", "not_after", "name", "role", "username", "scopes", "days", "reason"),
        *("mail", "portal", "quiet_from", "quiet_until", "digest_at"),
        *("waitlist", "preempt", "url", "description", "enabled", "theme", "time_zone", "password", "lang", "script"),
    }
)
OWN = (("code", "{own}"),)


@dataclass(frozen=True)
class Foreign:
    """`value` is what is sent under the name: a slug, or one of the things of team-chat in braces."""

    method: str
    route: str
    where: str
    name: str
    status: int
    value: str = "team-chat"
    more: Callable[[], Mapping[str, Any]] = dict
    values: tuple[tuple[str, str], ...] = ()
    narrowed: int | None = None

    @property
    def label(self) -> str:
        return f"{self.method.upper()} {self.route} {self.where} {self.name}"


def _resized() -> Mapping[str, Any]:
    return {"mix": wish(2)["mix"]}


def _given() -> Mapping[str, Any]:
    return {"to": "vera", "ends_at": "2030-05-20T08:00:00Z"}


API_FOREIGN = (
    Foreign("get", V1 + "reservations/", "query", "project", 400),
    Foreign("get", V1 + "usage/", "query", "project", 400),
    Foreign("post", V1 + "quotes/", "body", "project", 400, more=wish),
    Foreign("post", V1 + "slots/", "body", "project", 400, more=searched),
    Foreign("get", V1 + "series/", "query", "project", 400),
    Foreign("post", V1 + "series/", "body", "project", 400, more=repeated),
    Foreign("post", V1 + "alerts/", "body", "project", 400, more=to_hear_of),
    Foreign("post", V1 + "reservations/", "body", "project", 400, more=wish),
    Foreign("post", V1 + "reservations/", "body", "quote", 400, "{quote}"),
    Foreign("post", V1 + "reservations/<slug:code>/resize/", "body", "project", 400, more=_resized, values=OWN),
    Foreign("patch", V1 + "series/<slug:code>/", "body", "project", 404, values=(("code", "{series}"),)),
    Foreign("post", V1 + "reservations/<slug:code>/elastic/", "body", "project", 400, values=OWN),
    Foreign("post", V1 + "reservations/<slug:code>/move/", "body", "project", 400, values=OWN),
    Foreign("post", V1 + "reservations/<slug:code>/hand-over/", "body", "project", 400, values=OWN),
    Foreign("post", V1 + "reservations/<slug:code>/hand-over/", "body", "user", 400, "alice", values=OWN),
    Foreign("post", V1 + "delegations/", "body", "project", 400, more=_given, narrowed=403),
    Foreign("post", V1 + "tokens/", "body", "project", 400, more=lambda: {"name": "x", "days": 1}, narrowed=403),
)


def _given_until() -> Mapping[str, Any]:
    return {"to": "vera", "ends_at": "2030-05-20T08:00"}


PAGE_FOREIGN = (
    Foreign("get", "reservations/", "query", "project", 200),
    Foreign("get", "reservations/new/", "query", "project", 200),
    Foreign("get", "reservations/new/", "query", "copy", 404, "{code}"),
    Foreign("get", "reservations/new/", "query", "preset", 200, "{preset}"),
    Foreign("post", "reservations/new/", "body", "project", 400),
    Foreign("post", "reservations/check/", "body", "project", 200),
    Foreign("get", "series/new/", "query", "copy", 404, "{code}"),
    Foreign("post", "reservations/<slug:code>/resize/", "body", "project", 302, values=OWN),
    Foreign("get", "reservations/<slug:code>/hand-over/", "query", "project", 200, values=OWN),
    Foreign("get", "reservations/<slug:code>/hand-over/", "query", "user", 200, "alice", values=OWN),
    Foreign("post", "reservations/<slug:code>/hand-over/", "body", "project", 400, values=OWN),
    Foreign("post", "reservations/<slug:code>/hand-over/", "body", "user", 400, "alice", values=OWN),
    Foreign("post", "projects/<slug:slug>/presets/", "body", "project", 404, values=CHAT),
    Foreign("get", "calendar/", "query", "project", 200),
    Foreign("get", "usage/", "query", "project", 200),
    Foreign("get", "account/calendars/", "query", "project", 200),
    Foreign("post", "account/calendars/make/", "body", "project", 400, more=lambda: {"scope": "project"}),
    Foreign("post", "account/calendars/<slug:prefix>/rotate/", "body", "project", 404, values=(("prefix", "{feed}"),)),
    Foreign("post", "delegations/", "body", "project", 400, more=_given_until),
    Foreign("get", "approvals/", "query", "project", 200),
    Foreign("post", "reservations/<slug:code>/elastic/", "body", "project", 302, values=OWN),
    Foreign("post", "series/new/", "body", "project", 400),
    Foreign("post", "series/<slug:code>/", "body", "project", 404, values=(("code", "{series}"),)),
    Foreign("get", "journal/", "query", "reservation", 200, "{code}"),
    Foreign("get", "journal/", "query", "before", 200, "{entry}"),
    Foreign("get", "palette/", "query", "q", 200, "{title}"),
    Foreign("post", "notices/read/", "body", "id", 302, "{notice}"),
    Foreign("post", "notices/unread/", "body", "id", 302, "{notice}"),
    Foreign("get", "account/", "query", "project", 200),
    Foreign("post", "account/password/", "body", "project", 400),
    Foreign("post", "account/sessions/", "body", "project", 400),
    Foreign("post", "account/tokens/", "body", "project", 400, more=lambda: {"name": "x", "days": "7"}),
)
