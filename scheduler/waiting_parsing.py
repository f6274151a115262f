"""Read what a request waits for: its mix for so long, somewhere between two dates. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduler import limits
from scheduler.reading import Reader
from scheduler.requests import WaitWish

WAIT_FIELDS = frozenset({"not_before", "not_after", "auto_accept", "accept_minutes"})
ACCEPT_MINUTES_ASSUMED = 60
_NOT_BESIDE = ("starts_at", "ends_at", "hold_minutes")


def parse_wait(reader: Reader, body: Mapping[str, Any], *, now: datetime, setup_minutes: int) -> WaitWish | None:
    """None where no wait is asked for, or where it cannot be read. A `not_before` that is past, or left out, is now."""
    if body.get("waitlist") is None:
        return None
    before = len(reader.errors)
    asked = reader.mapping(body["waitlist"], "waitlist", WAIT_FIELDS)
    for name in _NOT_BESIDE:
        if body.get(name) is not None:
            reader.add(name, "invalid", "A wait has no time of its own yet: give duration_minutes and its two dates.")
    minutes = reader.integer(body.get("duration_minutes"), "duration_minutes", 1, limits.DURATION_MINUTES_MAX)
    duration = timedelta(minutes=minutes)
    not_before = _moment(reader, asked, "not_before") if asked.get("not_before") is not None else now
    not_after = _moment(reader, asked, "not_after")
    auto_accept = reader.boolean(asked.get("auto_accept", False), "waitlist.auto_accept")
    accept = asked.get("accept_minutes", ACCEPT_MINUTES_ASSUMED)
    accept_minutes = reader.integer(accept, "waitlist.accept_minutes", 1, limits.ACCEPT_MINUTES_MAX)
    if len(reader.errors) > before or not_before is None or not_after is None:
        return None
    soonest = max(not_before, now + timedelta(minutes=setup_minutes))
    if not_after < soonest + duration:
        reader.add("waitlist.not_after", "inverted", "The whole time does not fit between the two dates.")
    elif not_after > now + timedelta(days=366 * limits.YEARS_AHEAD_MAX):
        reader.add("waitlist.not_after", "too_large", f"At most {limits.YEARS_AHEAD_MAX} years ahead.")
    else:
        return WaitWish(soonest, not_after, duration, auto_accept, accept_minutes)
    return None


def _moment(reader: Reader, asked: Mapping[str, Any], name: str) -> datetime | None:
    if asked.get(name) is None:
        reader.add(f"waitlist.{name}", "required", "Say until when at the latest.")
        return None
    read = reader.moment(asked[name], f"waitlist.{name}")
    return None if read is None else read.astimezone(UTC)
