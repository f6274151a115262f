"""Requests as values: one function an endpoint, which sends nothing. Pure, but for the keys it makes up.

Every unsafe call gets an Idempotency-Key when it is made, so that sending the value again is safe by construction.
Times may be given as `datetime` with an offset, or as text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit
from uuid import uuid4

from heddle import shapes
from heddle.problems import Unsendable
from heddle.shapes import Page

Answer = TypeVar("Answer")
SAFE = frozenset({"GET", "DELETE"})  # nothing happens twice by sending it twice
JSON = "application/json"
CSV = "text/csv"
PAGE_ROWS = 200
KEY_CHARS_MAX = 255

Wish = Mapping[str, Any]
Moment = datetime | str
Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Call(Generic[Answer]):
    """`path` is below /api/v1/; `key` goes as Idempotency-Key, `version` as If-Match.

    `seconds` is how long the portal itself may take before it answers, as a long poll does.
    """

    method: str
    path: str
    query: Query = ()
    body: Any = None
    key: str = ""
    version: int | None = None
    accept: str = JSON
    seconds: float = 0

    @property
    def is_repeatable(self) -> bool:
        return self.method in SAFE or bool(self.key)

    @property
    def headers(self) -> dict[str, str]:
        named = {"Accept": self.accept}
        if self.key:
            named["Idempotency-Key"] = self.key
        if self.version is not None:
            named["If-Match"] = f'"{self.version}"'
        return named


def following(call: Call[Page[Answer]], page: Page[Answer]) -> Call[Page[Answer]] | None:
    """The call for the next page. Only the query of `next` is taken: the token goes nowhere else."""
    if page["next"] is None:
        return None
    return replace(call, query=tuple(parse_qsl(urlsplit(page["next"]).query, keep_blank_values=True)))


def pools() -> Call[Page[shapes.Pool]]:
    """Pools, with what is free now by class and state."""
    return _rows("pools/")


def pool(code: str) -> Call[shapes.Pool]:
    return _get(_path("pools", code))


def device_classes(*, pool: str | None = None) -> Call[Page[shapes.DeviceClass]]:
    """The catalogue, with what there is of each class by pool."""
    return _rows("device-classes/", pool=pool)


def hosts(*, pool: str | None = None, state: str | None = None, zone: str | None = None) -> Call[Page[dict[str, Any]]]:
    return _rows("hosts/", pool=pool, state=state, zone=zone)


def blocks(
    *, pool: str | None = None, state: str | None = None, zone: str | None = None, device_class: str | None = None
) -> Call[Page[dict[str, Any]]]:
    return _rows("blocks/", pool=pool, state=state, zone=zone, device_class=device_class)


def maintenance(*, pool: str | None = None) -> Call[Page[dict[str, Any]]]:
    """What is out of service now, or will be."""
    return _rows("maintenance/", pool=pool)


def availability(
    pool: str,
    *,
    starts_at: Moment | None = None,
    ends_at: Moment | None = None,
    step_minutes: int | None = None,
    hours: int | None = None,
    zone: str | None = None,
) -> Call[shapes.Availability]:
    """What is free for the whole of each step, and with `hours` for so long from each step on."""
    asked = {"from": starts_at, "to": ends_at, "step": step_minutes, "hours": hours, "zone": zone}
    return _get("availability/", pool=pool, **asked)


def projects() -> Call[Page[shapes.Project]]:
    """One's own, with one's role."""
    return _rows("projects/")


def quota(project: str) -> Call[shapes.ProjectQuota]:
    return _get(_path("projects", project, "quota"))


def usage(
    *,
    project: str | None = None,
    pool: str | None = None,
    starts_at: Moment | None = None,
    ends_at: Moment | None = None,
    by: str | None = None,
) -> Call[Page[shapes.UsageRow]]:
    """Device-hours that were really attached, by `class`, `day` or `month`."""
    return _rows("usage/", project=project, pool=pool, **{"from": starts_at, "to": ends_at, "by": by})


def usage_csv(
    *,
    project: str | None = None,
    pool: str | None = None,
    starts_at: Moment | None = None,
    ends_at: Moment | None = None,
    by: str | None = None,
) -> Call[str]:
    """The same as text for a spreadsheet."""
    asked = {"from": starts_at, "to": ends_at, "by": by, "format": "csv"}
    call: Call[str] = _get("usage/", project=project, pool=pool, **asked)
    return replace(call, accept=CSV)


def quote_for(wish: Wish) -> Call[shapes.Quote]:
    """Ask: plan, price, power, and an id to book it by within ten minutes. Nothing is held."""
    return _post("quotes/", wish)


def slots(wish: Wish) -> Call[shapes.Slots]:
    """The first starts at which the whole mix fits: `duration_minutes`, `not_before`, `not_after`, `limit`."""
    return _post("slots/", wish)


def book(wish: Wish, *, key: str | None = None) -> Call[shapes.Reservation]:
    """Book a mix, or with `{"quote": id}` a quote. The same key and wish, however often, make one reservation."""
    return _post("reservations/", wish, key=key)


def reservations(
    *,
    project: str | None = None,
    pool: str | None = None,
    state: str | None = None,
    starts_at: Moment | None = None,
    ends_at: Moment | None = None,
    mine: bool | None = None,
) -> Call[Page[shapes.ReservationSummary]]:
    """Those that touch the period, where one is given."""
    asked = {"from": starts_at, "to": ends_at, "mine": mine}
    return _rows("reservations/", project=project, pool=pool, state=state, **asked)


def reservation(code: str) -> Call[shapes.Reservation]:
    return _get(_path("reservations", code))


def wait_once(code: str, *, state: str, seconds: int) -> Call[shapes.Reservation]:
    """One long poll; `Heddle.wait` goes on until the state is reached."""
    call: Call[shapes.Reservation] = _get(_path("reservations", code, "wait"), state=state, timeout=seconds)
    return replace(call, seconds=seconds)


def confirm(code: str, *, version: int | None = None, key: str | None = None) -> Call[shapes.Reservation]:
    """Make a hold a booking."""
    return _verb(code, "confirm", {}, version=version, key=key)


def cancel(
    code: str, *, reason: str = "", version: int | None = None, key: str | None = None
) -> Call[shapes.Reservation]:
    """Withdraw it; if hardware is attached, it is taken apart first."""
    return _verb(code, "cancel", _reason(reason), version=version, key=key)


def release(
    code: str, *, reason: str = "", version: int | None = None, key: str | None = None
) -> Call[shapes.Reservation]:
    """End it early."""
    return _verb(code, "release", _reason(reason), version=version, key=key)


def extend(
    code: str, *, ends_at: Moment, version: int | None = None, key: str | None = None
) -> Call[shapes.Reservation]:
    """Keep the same devices until a later end."""
    return _verb(code, "extend", {"ends_at": ends_at}, version=version, key=key)


def resize(
    code: str,
    *,
    mix: Sequence[Mapping[str, Any]] | None = None,
    groups: Sequence[Mapping[str, Any]] | None = None,
    placement: Mapping[str, Any] | None = None,
    version: int | None = None,
    key: str | None = None,
) -> Call[shapes.Reservation]:
    """Another mix, whole, or only other counts of nodes: `groups=[{"role": "decode", "nodes": 3}]`."""
    named = {"mix": mix, "groups": groups, "placement": placement}
    return _verb(code, "resize", {name: it for name, it in named.items() if it is not None}, version=version, key=key)


def check_in(code: str, *, version: int | None = None, key: str | None = None) -> Call[shapes.Reservation]:
    """Say that it is in use, where the pool gives back what nobody claims."""
    return _verb(code, "check-in", {}, version=version, key=key)


def swap(code: str, *, block: str, version: int | None = None, key: str | None = None) -> Call[shapes.Reservation]:
    """Put an equal free device in the place of one that failed."""
    return _verb(code, "swap", {"block": block}, version=version, key=key)


def approve(
    code: str, *, reason: str = "", version: int | None = None, key: str | None = None
) -> Call[shapes.Reservation]:
    """Consent to one that waits for it."""
    return _verb(code, "approve", _reason(reason), version=version, key=key)


def reject(code: str, *, reason: str, version: int | None = None, key: str | None = None) -> Call[shapes.Reservation]:
    """Decline it, and say why."""
    return _verb(code, "reject", _reason(reason), version=version, key=key)


def events(*, after: int = 0) -> Call[Page[shapes.Event]]:
    """The journal of what one may see, after the entry one has, oldest first."""
    return _rows("events/", after=after)


def events_of(code: str, *, after: int = 0) -> Call[Page[shapes.Event]]:
    return _rows(_path("reservations", code, "events"), after=after)


def tokens() -> Call[Page[shapes.Token]]:
    """One's own that still work."""
    return _rows("tokens/")


def make_token(
    name: str,
    *,
    scopes: Sequence[str] = (),
    days: int | None = None,
    project: str | None = None,
    key: str | None = None,
) -> Call[shapes.NewToken]:
    """Its text is in `token`, this once."""
    named = {"name": name, "scopes": list(scopes), "days": days, "project": project}
    return _post("tokens/", {name: it for name, it in named.items() if it is not None}, key=key)


def revoke_token(token_id: str) -> Call[None]:
    """At once. Doing it again changes nothing."""
    return Call(method="DELETE", path=_path("tokens", token_id))


def _get(path: str, **asked: Any) -> Call[Any]:
    return Call(method="GET", path=path, query=_query(asked))


def _rows(path: str, **asked: Any) -> Call[Any]:
    return _get(path, limit=PAGE_ROWS, **asked)


def _post(path: str, body: Mapping[str, Any], *, key: str | None = None, version: int | None = None) -> Call[Any]:
    named = uuid4().hex if key is None else key
    if not (named.isascii() and named.isprintable() and 0 < len(named) <= KEY_CHARS_MAX):
        raise Unsendable(f"An idempotency key is 1 to {KEY_CHARS_MAX} visible ASCII characters.")
    return Call(method="POST", path=path, body=_plain(body), key=named, version=version)


def _verb(code: str, verb: str, body: Mapping[str, Any], *, version: int | None, key: str | None) -> Call[Any]:
    return _post(_path("reservations", code, verb), body, key=key, version=version)


def _reason(reason: str) -> dict[str, str]:
    return {"reason": reason} if reason else {}


def _path(*parts: str) -> str:
    """A code is one part of a path, whatever is in it."""
    if not all(parts):
        raise Unsendable("A code is missing.")
    return "".join(f"{quote(part, safe='')}/" for part in parts)


def _query(asked: Mapping[str, Any]) -> Query:
    return tuple((name, _word(value)) for name, value in asked.items() if value is not None)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(_plain(value))


def _plain(value: Any) -> Any:
    """As JSON can say it. Raises Unsendable for a time without offset, which the portal would not take either."""
    match value:
        case datetime():
            if value.tzinfo is None:
                raise Unsendable(f"{value.isoformat()} has no offset; say which zone is meant.")
            return value.isoformat()
        case Mapping():
            return {str(name): _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
    return value
