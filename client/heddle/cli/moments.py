"""Times as people type them, in their own zone: `2h`, `tomorrow 09:00`, `fri 14:00`, `2030-03-01 09:00`, RFC 3339.

Pure: the present and the zone are given. The zone None is the machine's own.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from heddle.cli.exits import Unreadable

UNIT_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
MINUTE_SECONDS = 60
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK_DAYS = 7
SECONDS_MAX = 10 * 366 * 86_400  # longer than anything is booked ahead
LENGTH = re.compile(r"(?:\d+(?:\.\d+)?[smhdw])+")
PART = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
EXAMPLES = "such as 2h, 18:00, tomorrow 09:00, fri 14:00, 2030-03-01 09:00 or 2030-03-01T09:00:00+01:00"
LENGTHS = "such as 90m, 2h, 1h30m or 3d"

Zone = tzinfo | None


def seconds_of(text: str) -> int:
    """A length in whole seconds. Raises Unreadable."""
    word = text.strip().lower()
    if not LENGTH.fullmatch(word):
        raise Unreadable(f"{text!r} is no length of time, {LENGTHS}.")
    seconds = sum(float(number) * UNIT_SECONDS[unit] for number, unit in PART.findall(word))
    if not 1 <= seconds <= SECONDS_MAX:
        raise Unreadable(f"{text!r} is too short or too long, {LENGTHS}.")
    return round(seconds)


def minutes_of(text: str) -> int:
    """A length in whole minutes. Raises Unreadable."""
    minutes, rest = divmod(seconds_of(text), MINUTE_SECONDS)
    if rest:
        raise Unreadable(f"{text!r} is not a whole number of minutes, {LENGTHS}.")
    return minutes


def moment_of(text: str, *, now: datetime, zone: Zone) -> datetime:
    """A moment with its offset. A length means that long from now. Raises Unreadable."""
    word = " ".join(text.strip().split())
    if word.lower() == "now":
        return now
    if LENGTH.fullmatch(word.lower()):
        return now.astimezone(UTC) + timedelta(seconds=seconds_of(word))
    return _named(word, now=now, zone=zone) or _written(word, zone=zone)


def local(moment: datetime, *, zone: Zone) -> datetime:
    return moment.astimezone(zone)


def _named(word: str, *, now: datetime, zone: Zone) -> datetime | None:
    """`18:00` is the next one; `fri 14:00` the next Friday's, which may be today's."""
    day, _, clock = word.lower().rpartition(" ")
    match = CLOCK.fullmatch(clock)
    if match is None:
        return None
    at = time(int(match[1]), int(match[2]))
    here = local(now, zone=zone)
    today = here.date()
    if day in ("today", "tomorrow"):
        return _at(today + timedelta(days=1 if day == "tomorrow" else 0), at, zone=zone)
    if day[:3] in DAYS and day in (day[:3], _full_name(day[:3])):
        ahead = (DAYS.index(day[:3]) - today.weekday()) % WEEK_DAYS
        found = _at(today + timedelta(days=ahead), at, zone=zone)
        return found if found > now else _at(today + timedelta(days=ahead + WEEK_DAYS), at, zone=zone)
    if day:
        return None
    found = _at(today, at, zone=zone)
    return found if found > now else _at(today + timedelta(days=1), at, zone=zone)


def _full_name(day: str) -> str:
    return date(2001, 1, 1 + DAYS.index(day)).strftime("%A").lower()  # that year began on a Monday


def _written(word: str, *, zone: Zone) -> datetime:
    try:
        found = datetime.fromisoformat(word)
    except ValueError:
        raise Unreadable(f"{word!r} is no time, {EXAMPLES}.") from None
    return found if found.tzinfo is not None else _at(found.date(), found.time(), zone=zone)


def _at(day: date, clock: time, *, zone: Zone) -> datetime:
    """Of the hour that clocks go through twice the first; the hour they leave out is no time."""
    naive = datetime.combine(day, clock)
    found = naive.astimezone() if zone is None else naive.replace(tzinfo=zone)
    if local(found.astimezone(UTC), zone=zone).replace(tzinfo=None) != naive:
        raise Unreadable(f"{naive:%Y-%m-%d %H:%M} does not exist: clocks are put forward then.")
    return found
