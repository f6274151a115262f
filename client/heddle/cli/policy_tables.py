"""Consent, waiting, series and rates as tables."""

from collections.abc import Callable, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.table import Table

from heddle import shapes
from heddle.cli.moments import Zone
from heddle.cli.tables import stated, table
from heddle.cli.words import length, moment, period

EVERY_DAY = "1234567"
DAY_MINUTES, HOUR_MINUTES, MINUTE_SECONDS = 24 * 60, 60, 60


def approvals(found: Sequence[shapes.OpenApproval], *, zone: Zone, is_terminal: bool) -> Table:
    rows = [
        (
            one["reservation"],
            one["asked_by"],
            one["project"],
            period(one["starts_at"], one["ends_at"], zone=zone),
            ", ".join(f"{count} × {code}" for code, count in sorted(one["devices"].items())),
            f"{one['usd']} USD",
            moment(one["expires_at"], zone=zone),
            "; ".join(one["because"]),
        )
        for one in found
    ]
    headings = ("code", "asked by", "project", "window", "devices", ">price", "until", "why")
    return table(headings, rows, is_terminal=is_terminal)


def waitlist(found: Sequence[shapes.WaitingReservation], *, zone: Zone, is_terminal: bool) -> Table:
    rows = [
        (
            one["code"],
            f"{one['place']} of {one['of']}",
            moment(one["estimate"]["at"], zone=zone) if one["estimate"] else "–",
            one["project"],
            one["pool"],
            period(one["not_before"], one["not_after"], zone=zone),
            length(one["duration_minutes"] * MINUTE_SECONDS),
            one["title"],
        )
        for one in found
    ]
    headings = ("code", ">place", "likely", "project", "pool", "between", ">length", "title")
    return table(headings, rows, is_terminal=is_terminal)


def alerts(found: Sequence[shapes.Alert], *, zone: Zone, is_terminal: bool) -> Table:
    rows = [
        (
            one["code"],
            one["project"] or "–",
            one["pool"] or "–",
            period(one["not_before"], one["not_after"], zone=zone),
            length(one["duration_minutes"] * MINUTE_SECONDS),
            moment(one["told_at"], zone=zone) if one["told_at"] else "not yet",
        )
        for one in found
    ]
    return table(("code", "project", "pool", "between", ">length", "told"), rows, is_terminal=is_terminal)


def series(found: Sequence[shapes.SeriesSummary], *, zone: Zone, is_terminal: bool) -> Table:
    rows = [
        (
            one["code"],
            one["project"],
            one["pool"],
            one["rule"],
            one["ahead"],
            "ended" if one["ended_at"] else moment(one["next_at"], zone=zone),
            one["title"],
        )
        for one in found
    ]
    headings = ("code", "project", "pool", "rule", ">ahead", "next", "title")
    return table(headings, rows, is_terminal=is_terminal)


def one_series(found: shapes.Series, *, zone: Zone, is_terminal: bool) -> list[Callable[[], RenderableType]]:
    """Its line, its occurrences, and what did not fit with the first reason."""
    booked = [
        (
            one["reservation"],
            stated(one["state"]),
            period(one["starts_at"], one["ends_at"], zone=zone),
            "changed on its own" if one["is_exception"] else "",
        )
        for one in found["occurrences"]
    ]
    left = [(moment(one["at"], zone=zone), _because(one)) for one in found["misfits"]]
    views: list[Callable[[], RenderableType]] = [
        lambda: series([found], zone=zone, is_terminal=is_terminal),
        lambda: table(("occurrence", "state", "window", ""), booked, is_terminal=is_terminal),
    ]
    return [*views, lambda: table(("not booked", "why"), left, is_terminal=is_terminal)] if left else views


def rates(found: shapes.Rates, *, zone: Zone, now: datetime, is_terminal: bool) -> Table:
    """In the order of the portal; of several that hold the narrowest wins."""
    rows = [
        (
            one["device_class"] or "every class",
            one["priority"] or "every one",
            _times(one),
            f"{one['percent']} %" if one["usd_per_hour"] is None else f"{one['usd_per_hour']} USD",
            "now" if datetime.fromisoformat(one["valid_from"]) <= now else moment(one["valid_from"], zone=zone),
            moment(one["valid_until"], zone=zone),
        )
        for one in found["rates"]
    ]
    return table(("class", "priority", "when", ">an hour", "from", "until"), rows, is_terminal=is_terminal)


def _because(one: shapes.UnfitOccurrence) -> str:
    return str(one["refusals"][0]["message"]) if one["refusals"] else ""


def _times(one: shapes.Rate) -> str:
    """On the pool's clock: `12345 00:00-06:00`."""
    days = "" if one["weekdays"] == EVERY_DAY else one["weekdays"]
    is_whole = (one["from_minute"], one["until_minute"]) == (0, DAY_MINUTES)
    clock = "" if is_whole else f"{_clock(one['from_minute'])}-{_clock(one['until_minute'])}"
    return " ".join(word for word in (days, clock) if word) or "always"


def _clock(minute: int) -> str:
    return f"{minute // HOUR_MINUTES:02}:{minute % HOUR_MINUTES:02}"
