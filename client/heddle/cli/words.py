"""How things are said in a line of text: times in the reader's zone, lengths, money, and other people's words."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from heddle.cli.moments import Zone, local

MINUTE, HOUR, DAY = 60, 3_600, 86_400
NEVER_SHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # controls, also of direction, and line ends
STATE_SIGNS = {
    "waitlisted": "…",
    "held": "◷",
    "pending_approval": "?",
    "confirmed": "○",
    "composing": "◐",
    "active": "●",
    "releasing": "◑",
    "ended": "✓",
    "cancelled": "–",
    "expired": "–",
    "rejected": "✗",
    "failed": "✗",
}
STATE_COLOURS = {"active": "green", "composing": "cyan", "releasing": "cyan", "failed": "red", "rejected": "red"}
STEP_SIGNS = {"pending": "·", "started": "▸", "done": "✓", "not_done": "✗", "unknown": "?"}


def plain(text: object) -> str:
    """Others' words cannot steer a terminal: what is no visible character is left out."""
    return "".join("" if unicodedata.category(sign) in NEVER_SHOWN else sign for sign in str(text))


def moment(text: str | None, *, zone: Zone, is_long: bool = False) -> str:
    """`Sat 21 Nov 14:30`, and with `is_long` the year and the zone too."""
    if text is None:
        return "–"
    here = local(datetime.fromisoformat(text), zone=zone)
    return f"{here:%a %d %b %Y %H:%M %Z}" if is_long else f"{here:%a %d %b %H:%M}"


def period(starts_at: str, ends_at: str, *, zone: Zone) -> str:
    begin, end = (local(datetime.fromisoformat(text), zone=zone) for text in (starts_at, ends_at))
    last = f"{end:%H:%M}" if end.date() == begin.date() else f"{end:%a %d %b %H:%M}"
    return f"{begin:%a %d %b %H:%M} – {last} {end:%Z}"


def length(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min 20 s`, `2 h 30 min`, `4 d 2 h`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for unit, big, small_unit, small in ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "min"), (MINUTE, "min", 1, "s")):
        if whole >= unit:
            rest = whole % unit // small_unit
            return f"{whole // unit} {big}" + (f" {rest} {small}" if rest else "")
    return f"{whole} s"


def between(starts_at: str, ends_at: str) -> str:
    return length((datetime.fromisoformat(ends_at) - datetime.fromisoformat(starts_at)).total_seconds())


def state(name: str) -> str:
    return f"{STATE_SIGNS.get(name, '?')} {name.replace('_', ' ')}"


def money(price: Mapping[str, Any]) -> str:
    unpriced = ", ".join(plain(code) for code in price.get("not_priced") or ())
    return f"{price.get('usd', '?')} USD" + (f" (not priced: {unpriced})" if unpriced else "")


def devices(counted: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(f"{one['count']} × {plain(one['device_class'])}" for one in counted) or "CPU only"


def number(value: float | None) -> str:
    """Without a needless `.0`."""
    return "–" if value is None else f"{value:g}"
