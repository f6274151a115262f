"""A moment in words: how far away it is, and exactly when, in whose time. Pure. `static/js/app.js` says the same."""

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo

from portal.web.present.words import NBSP

_SOON = timedelta(minutes=1)
_HOURS_FROM = timedelta(minutes=90)
_DAYS_FROM = timedelta(hours=48)
_UNITS = ((_DAYS_FROM, timedelta(days=1), "d"), (_HOURS_FROM, timedelta(hours=1), "h"), (_SOON, _SOON, "min"))


def relative(at: datetime, now: datetime) -> str:
    """In one unit, to the nearest: `in 3 h`, `2 d ago`, `just now`. For exact counting down there are other words."""
    distance = abs(at - now)
    for from_on, unit, name in _UNITS:
        if distance >= from_on:
            words = f"{(distance + unit / 2) // unit}{NBSP}{name}"
            return f"in {words}" if at > now else f"{words} ago"
    return "in a moment" if at > now else "just now"


def exact(at: datetime, *, zones: Iterable[tuple[str, tzinfo]]) -> str:
    """A line for each zone, without those that say the same: the reader's comes first and needs no name."""
    lines: dict[str, str] = {}
    for whose, zone in zones:
        local = at.astimezone(zone)
        lines.setdefault(f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()} (UTC{local:%z})", whose)
    return "\n".join(f"{words}{f', {whose}' if whose else ''}" for words, whose in lines.items())
