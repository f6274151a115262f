"""Read what `slots` asks: a mix, for how long, between which dates, how many starts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduler import limits
from scheduler.parsing import FIELDS, Vocabulary, parse_request
from scheduler.reading import Reader
from scheduler.refusals import Invalid
from scheduler.requests import ReservationRequest

OWN_FIELDS = frozenset({"not_before", "not_after", "limit"})
_UNSAID_MINUTES = 1  # a length in place of one that is refused already, so that the parser judges the rest
_NOT_ASKED = frozenset({"starts_at", "ends_at", "hold_minutes", "waitlist"})
SLOT_FIELDS = (FIELDS - _NOT_ASKED) | OWN_FIELDS


@dataclass(frozen=True, slots=True)
class SlotsWish:
    """`request.window` begins at `not_before`; its `wire` is a body that needs only its times to be booked."""

    request: ReservationRequest
    not_before: datetime
    not_after: datetime | None  # the whole window lies before it; None is as far as the calendar reaches
    limit: int

    @property
    def duration(self) -> timedelta:
        return self.request.window.ends_at - self.request.window.starts_at


def parse_slots(payload: object, *, vocabulary: Vocabulary, now: datetime) -> SlotsWish:
    """Raise `Invalid` with all field errors. A `not_before` that is past, or left out, means now."""
    reader = Reader()
    body = reader.mapping(payload, "", SLOT_FIELDS)
    not_before, not_after = _moment(reader, body, "not_before"), _moment(reader, body, "not_after")
    limit = reader.integer(body.get("limit", 1), "limit", 1, limits.SLOTS_MAX)
    if body.get("duration_minutes") is None:
        reader.add("duration_minutes", "required", "Say for how long, in minutes.")
    earliest = max(now, not_before or now)
    asked = {name: value for name, value in body.items() if name not in OWN_FIELDS}
    request = _request(reader, asked, vocabulary, now, earliest)
    if not_after is not None and not_after > now + timedelta(days=366 * limits.YEARS_AHEAD_MAX):
        reader.add("not_after", "too_large", f"At most {limits.YEARS_AHEAD_MAX} years ahead.")
    elif request is not None and not_after is not None:
        _check_room(reader, earliest, not_after, request.window.ends_at - request.window.starts_at)
    if reader.errors or request is None:
        raise Invalid(reader.errors)
    return SlotsWish(request, earliest, not_after, limit)


def _request(
    reader: Reader, body: Mapping[str, Any], vocabulary: Vocabulary, now: datetime, earliest: datetime
) -> ReservationRequest | None:
    """Judged by the parser of every reservation; its words about a start are about `not_before` here."""
    timed = {**body}
    if body.get("duration_minutes") is None:
        timed["duration_minutes"] = _UNSAID_MINUTES
    if earliest > now:
        timed["starts_at"] = earliest
    try:
        request = parse_request(timed, vocabulary=vocabulary, now=now)
    except Invalid as invalid:
        for error in invalid.errors:
            reader.add("not_before" if error.field == "starts_at" else error.field, error.code, error.message)
        return None
    wire = {name: value for name, value in body.items() if name != "duration_minutes"}
    return replace(request, wire=wire)


def _moment(reader: Reader, body: Mapping[str, Any], name: str) -> datetime | None:
    read = None if body.get(name) is None else reader.moment(body[name], name)
    return None if read is None else read.astimezone(UTC)


def _check_room(reader: Reader, earliest: datetime, not_after: datetime, duration: timedelta) -> None:
    if not_after < earliest + duration:
        reader.add("not_after", "inverted", "The window does not fit between not_before and not_after.")
