"""Requests as values: one function an endpoint, which sends nothing. Pure, but for the keys it makes up.

Every unsafe call gets an Idempotency-Key when it is made, so that sending the value again is safe by construction.
Times may be given as `datetime` with an offset, or as text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from heddle import calling, shapes
from heddle.calling import CSV, Call, Moment, Wish, following
from heddle.policy_calls import (
    alerts,
    approvals,
    approve,
    auto_extend,
    elastic,
    end_series,
    hand_over,
    make_alert,
    make_series,
    move,
    one_series,
    rates,
    reject,
    remove_alert,
    series,
    shorten,
    waitlist,
)
from heddle.shapes import Page

__all__ = [
    "Call", "alerts", "approvals", "approve", "auto_extend", "elastic", "end_series", "following", "hand_over",
    "make_alert", "make_series", "move", "one_series", "rates", "reject", "remove_alert", "series", "shorten",
    "waitlist",
]  # fmt: skip


def pools() -> Call[Page[shapes.Pool]]:
    """Pools, with what is free now by class and state."""
    return calling.rows("pools/")


def pool(code: str) -> Call[shapes.Pool]:
    return calling.get(calling.path("pools", code))


def device_classes(*, pool: str | None = None) -> Call[Page[shapes.DeviceClass]]:
    """The catalogue, with what there is of each class by pool."""
    return calling.rows("device-classes/", pool=pool)


def hosts(*, pool: str | None = None, state: str | None = None, zone: str | None = None) -> Call[Page[dict[str, Any]]]:
    return calling.rows("hosts/", pool=pool, state=state, zone=zone)


def blocks(
    *, pool: str | None = None, state: str | None = None, zone: str | None = None, device_class: str | None = None
) -> Call[Page[dict[str, Any]]]:
    return calling.rows("blocks/", pool=pool, state=state, zone=zone, device_class=device_class)


def maintenance(*, pool: str | None = None) -> Call[Page[dict[str, Any]]]:
    """What is out of service now, or will be."""
    return calling.rows("maintenance/", pool=pool)


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
    return calling.get("availability/", pool=pool, **asked)


def projects() -> Call[Page[shapes.Project]]:
    """One's own, with one's role."""
    return calling.rows("projects/")


def quota(project: str) -> Call[shapes.ProjectQuota]:
    return calling.get(calling.path("projects", project, "quota"))


def usage(
    *,
    project: str | None = None,
    pool: str | None = None,
    starts_at: Moment | None = None,
    ends_at: Moment | None = None,
    by: str | None = None,
) -> Call[Page[shapes.UsageRow]]:
    """Device-hours that were really attached, by `class`, `day` or `month`."""
    return calling.rows("usage/", project=project, pool=pool, **{"from": starts_at, "to": ends_at, "by": by})


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
    call: Call[str] = calling.get("usage/", project=project, pool=pool, **asked)
    return replace(call, accept=CSV)


def quote_for(wish: Wish) -> Call[shapes.Quote]:
    """Ask: plan, price, power, and an id to book it by within ten minutes. Nothing is held."""
    return calling.post("quotes/", wish)


def slots(wish: Wish) -> Call[shapes.Slots]:
    """The first starts at which the whole mix fits: `duration_minutes`, `not_before`, `not_after`, `limit`."""
    return calling.post("slots/", wish)


def book(wish: Wish, *, key: str | None = None) -> Call[shapes.Reservation]:
    """Book a mix, or with `{"quote": id}` a quote. The same key and wish, however often, make one reservation."""
    return calling.post("reservations/", wish, key=key)


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
    return calling.rows("reservations/", project=project, pool=pool, state=state, **asked)


def reservation(code: str) -> Call[shapes.Reservation]:
    return calling.get(calling.path("reservations", code))


def wait_once(code: str, *, state: str, seconds: int) -> Call[shapes.Reservation]:
    """One long poll; `Heddle.wait` goes on until the state is reached."""
    call: Call[shapes.Reservation] = calling.get(
        calling.path("reservations", code, "wait"), state=state, timeout=seconds
    )
    return replace(call, seconds=seconds)


def confirm(code: str, *, version: int | None = None, key: str | None = None) -> Call[shapes.Reservation]:
    """Make a hold a booking."""
    return calling.verb(code, "confirm", {}, version=version, key=key)


def cancel(
    code: str, *, reason: str = "", version: int | None = None, key: str | None = None
) -> Call[shapes.Reservation]:
    """Withdraw it; if hardware is attached, it is taken apart first."""
    return calling.verb(code, "cancel", calling.reason(reason), version=version, key=key)


def release(
    code: str, *, reason: str = "", version: int | None = None, key: str | None = None
) -> Call[shapes.Reservation]:
    """End it early."""
    return calling.verb(code, "release", calling.reason(reason), version=version, key=key)


def extend(
    code: str, *, ends_at: Moment, version: int | None = None, key: str | None = None
) -> Call[shapes.Reservation]:
    """Keep the same devices until a later end."""
    return calling.verb(code, "extend", {"ends_at": ends_at}, version=version, key=key)


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
    return calling.verb(
        code, "resize", {name: it for name, it in named.items() if it is not None}, version=version, key=key
    )


def check_in(code: str, *, version: int | None = None, key: str | None = None) -> Call[shapes.Reservation]:
    """Say that it is in use, where the pool gives back what nobody claims."""
    return calling.verb(code, "check-in", {}, version=version, key=key)


def swap(code: str, *, block: str, version: int | None = None, key: str | None = None) -> Call[shapes.Reservation]:
    """Put an equal free device in the place of one that failed."""
    return calling.verb(code, "swap", {"block": block}, version=version, key=key)


def events(*, after: int = 0) -> Call[Page[shapes.Event]]:
    """The journal of what one may see, after the entry one has, oldest first."""
    return calling.rows("events/", after=after)


def events_of(code: str, *, after: int = 0) -> Call[Page[shapes.Event]]:
    return calling.rows(calling.path("reservations", code, "events"), after=after)


def tokens() -> Call[Page[shapes.Token]]:
    """One's own that still work."""
    return calling.rows("tokens/")


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
    return calling.post("tokens/", {name: it for name, it in named.items() if it is not None}, key=key)


def revoke_token(token_id: str) -> Call[None]:
    """At once. Doing it again changes nothing."""
    return Call(method="DELETE", path=calling.path("tokens", token_id))
