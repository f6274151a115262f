"""Lists as tables: with lines on a terminal, as plain columns elsewhere. Others' words are shown, never obeyed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from heddle import shapes
from heddle.cli.moments import Zone
from heddle.cli.words import STATE_COLOURS, devices, moment, number, period, plain, state

RIGHT = ">"  # before a heading: numbers stand at the right


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, is_terminal: bool = True) -> Table:
    made = Table(box=box.SIMPLE_HEAD if is_terminal else None, pad_edge=False, header_style="bold")
    for heading in headings:
        is_right = heading.startswith(RIGHT)
        made.add_column(heading.lstrip(RIGHT), justify="right" if is_right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else plain(cell) for cell in row))
    return made


def stated(name: str) -> Text:
    return Text(state(plain(name)), style=STATE_COLOURS.get(name, ""))


def pools(found: Sequence[shapes.Pool], *, is_terminal: bool) -> Table:
    rows = [
        (
            pool["code"],
            pool["name"],
            f"{_free(pool['blocks'].values())}",
            f"{_free([pool['hosts']])}",
            pool["time_zone"],
        )
        for pool in found
    ]
    return table(("pool", "name", ">devices free", ">hosts free", "zone"), rows, is_terminal=is_terminal)


def classes(found: Sequence[shapes.DeviceClass], *, pool: str | None, is_terminal: bool) -> Table:
    """Only those that a pool has."""
    rows = [
        (
            one["code"],
            one["kind"],
            number(one["memory_gib"]),
            number(one["tdp_w"]),
            one["rate_usd_per_hour"] or "not priced",
            _free(_of_pools(one, pool)),
        )
        for one in found
        if _of_pools(one, pool)
    ]
    headings = ("class", "kind", ">GiB", ">W", ">USD/h", ">free")
    return table(headings, rows, is_terminal=is_terminal)


def reservations(found: Sequence[shapes.ReservationSummary], *, zone: Zone, is_terminal: bool) -> Table:
    rows = [
        (
            one["code"],
            stated(one["state"]),
            one["project"],
            one["pool"],
            period(one["starts_at"], one["ends_at"], zone=zone),
            devices(one["devices"]),
            one["title"],
        )
        for one in found
    ]
    return table(("code", "state", "project", "pool", "window", "devices", "title"), rows, is_terminal=is_terminal)


def projects(found: Sequence[shapes.Project], *, is_terminal: bool) -> Table:
    rows = [(one["slug"], one["name"], one["role"] or "–") for one in found]
    return table(("project", "name", "role"), rows, is_terminal=is_terminal)


def quota(found: shapes.ProjectQuota, *, zone: Zone, is_terminal: bool) -> Table:
    rows: list[tuple[object, ...]] = []
    for pool in found["pools"]:
        most = "none" if pool["accelerators_max"] is None else pool["accelerators_max"]
        rows.append((pool["pool"], "all accelerators", most, *_used(pool, zone=zone)))
        rows += [(pool["pool"], one["device_class"], "", *_used(one, zone=zone)) for one in pool["device_classes"]]
        rows += [_ceiling(pool["pool"], one, zone=zone) for one in pool["ceilings"] if _is_further(one)]
    headings = ("pool", "of", ">ceiling", ">held now", ">most ahead", "at", ">hours used", ">hours booked")
    return table(headings, rows, is_terminal=is_terminal)


def _is_further(one: shapes.CeilingUsed) -> bool:
    """Beside that of all accelerators at once, which is told above."""
    return bool(one["device_class"] or one["kind"] or one["period"] != "at_once")


def _ceiling(pool: str, one: shapes.CeilingUsed, *, zone: Zone) -> tuple[object, ...]:
    """Devices under what is most ahead, hours under what is booked."""
    period = one["period"].replace("_", " ")
    what = f"{one['device_class'] or one['kind'] or 'accelerators'}, {period}"
    used, until = number(round(one["used"], 2)), moment(one["ends_at"], zone=zone) if one["ends_at"] else ""
    if one["period"] == "at_once":
        return (pool, what, one["ceiling"], "", used, until, "", "")
    return (pool, what, f"{one['ceiling']:,} h", "", "", until, "", used)


def usage(found: Sequence[shapes.UsageRow], *, by: str | None, zone: Zone, is_terminal: bool) -> Table:
    """The beginning of each period only where it is cut into several."""
    is_cut = by in ("day", "month")
    rows = [
        (
            *([moment(one["period_starts_at"], zone=zone)] if is_cut else []),
            one["project"],
            one["pool"],
            one["device_class"] or "hosts",
            number(round(one["device_hours"], 2)),
            number(round(one["charged_hours"], 2)),
            "not priced" if one["price"] is None else f"{one['price']} {one['currency']}",
            number(round(one["energy_kwh"], 2)),
        )
        for one in found
    ]
    headings = ("project", "pool", "class", ">device-hours", ">charged", ">price", ">kWh at most")
    return table((*(["from"] if is_cut else []), *headings), rows, is_terminal=is_terminal)


def tokens(found: Sequence[shapes.Token], *, zone: Zone, is_terminal: bool) -> Table:
    rows = [
        (
            one["id"],
            one["name"],
            ", ".join(one["scopes"]) or "all",
            one["project"] or "any",
            moment(one["expires_at"], zone=zone),
            moment(one["last_used_at"], zone=zone),
        )
        for one in found
    ]
    return table(("id", "name", "scopes", "project", "expires", "last used"), rows, is_terminal=is_terminal)


def quotes(found: Sequence[shapes.Quote], *, zone: Zone, is_terminal: bool) -> Table:
    rows = [
        (
            one["id"],
            period(one["starts_at"], one["ends_at"], zone=zone),
            f"{one['price'].get('usd', '?')} USD",
            ", ".join(node["host"] for node in one["plan"]["nodes"]),
        )
        for one in found
    ]
    return table(("quote", "window", ">price", "hosts"), rows, is_terminal=is_terminal)


def event(one: shapes.Event, *, zone: Zone) -> str:
    """One line, since more may come."""
    by = f" by {plain(one['actor'])}" if one["actor"] else ""
    about = plain(one["reservation"] or one["reference"] or one["pool"] or "")
    words = (str(one["id"]), moment(one["at"], zone=zone), plain(one["kind"]), f"{about}{by}", plain(one["message"]))
    return "  ".join(word for word in words if word)


def _used(used: Mapping[str, Any], *, zone: Zone) -> tuple[object, ...]:
    hours = (number(round(used["hours_used"], 1)), number(round(used["hours_booked"], 1)))
    return (used["held"], used["most"], moment(used["most_at"], zone=zone), *hours)


def _of_pools(one: shapes.DeviceClass, pool: str | None) -> list[shapes.Counts]:
    return [counts for code, counts in one["pools"].items() if pool in (None, code) and counts["total"]]


def _free(counts: Iterable[shapes.Counts]) -> str:
    known = list(counts)
    return f"{sum(one['free'] for one in known)} of {sum(one['total'] for one in known)}"
