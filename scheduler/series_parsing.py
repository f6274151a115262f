"""Read the wire form of a series: a reservation's body without its times, and when it comes again. Pure.

What a series repeats is judged by the reservation's own parser, so that both doors refuse with the same words.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from scheduler import limits
from scheduler.parsing import Vocabulary, parse_request
from scheduler.placement_parsing import word
from scheduler.planning.recurrence_rule import BadRule, Rule, read_rule
from scheduler.planning.recurring import InFold, InGap, Pattern, Start
from scheduler.reading import Reader
from scheduler.refusals import Invalid
from scheduler.requests import ReservationRequest, Window
from scheduler.states import Misfit

REPEATED = frozenset({"project", "pool", "title", "mix", "placement", "priority", "pinned", "on_failure"})
OWN = frozenset({"rule", "time_zone", "starts_local", "duration_minutes", "on_misfit", "in_gap", "in_fold", "excluded"})
FIELDS = REPEATED | OWN
CHANGEABLE = FIELDS - {"project", "pool"}
_WALL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:00)?", re.ASCII)
_YEARS = range(2000, 2400)
_EXAMPLE = timedelta(days=1)  # any time ahead: the body is judged as that of a reservation


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesWish:
    """`request` is that of every occurrence but for its window; `body` its wire without times."""

    request: ReservationRequest
    body: Mapping[str, Any]
    rule: str  # as it was written, in capitals
    pattern: Pattern
    minutes: int
    on_misfit: Misfit

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    def occurrence(self, start: Start) -> ReservationRequest:
        wire = {**self.body, "starts_at": start.at.isoformat(), "duration_minutes": self.minutes}
        return replace(self.request, window=Window(start.at, start.at + self.length), wire=wire)


def parse_series(payload: object, *, vocabulary: Vocabulary, zone: str, now: datetime) -> SeriesWish:
    """`zone` is the requester's, where the body names none. Raises Invalid with all field errors."""
    reader = Reader()
    body = reader.mapping(payload, "", FIELDS)
    rule = _rule(reader, body.get("rule"))
    place = _zone(reader, body.get("time_zone", zone))
    first = read_local_text(reader, body.get("starts_local"), "starts_local")
    in_gap = word(reader, body.get("in_gap") or None, "in_gap", InGap)
    in_fold = word(reader, body.get("in_fold") or None, "in_fold", InFold)
    on_misfit = word(reader, body.get("on_misfit"), "on_misfit", Misfit) or Misfit.REFUSE
    excluded = _excluded(reader, body.get("excluded", []))
    if body.get("duration_minutes") is None:
        reader.add("duration_minutes", "required", "Say for how many minutes each time.")
    repeated = {name: body[name] for name in body if name in REPEATED}
    request = _request(reader, repeated, body.get("duration_minutes"), vocabulary, now)
    if reader.errors or rule is None or place is None or first is None or request is None:
        raise Invalid(reader.errors)
    return SeriesWish(
        request=request,
        body=repeated,
        rule=str(body["rule"]).strip().upper().removeprefix("RRULE:"),
        pattern=Pattern(rule=rule, zone=place, first=first, in_gap=in_gap, in_fold=in_fold, excluded=excluded),
        minutes=body["duration_minutes"],
        on_misfit=on_misfit,
    )


def read_local_text(reader: Reader, value: object, field: str) -> datetime | None:
    """A wall clock without an offset: in which zone is said beside it."""
    if isinstance(value, str) and _WALL.fullmatch(value):
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            read = None
        if read is not None and read.year in _YEARS:
            return read
    code = "required" if value is None else "invalid"
    reader.add(field, code, "Give a day and a time without an offset, such as 2030-05-17T09:00.")
    return None


def local_text(wall: datetime) -> str:
    return wall.strftime("%Y-%m-%dT%H:%M")


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if name == "UTC" or "/" in name)


def _zone(reader: Reader, value: object) -> ZoneInfo | None:
    if isinstance(value, str) and value in _zone_names():
        return ZoneInfo(value)
    reader.add("time_zone", "unknown", "There is no such time zone; give an IANA name such as Europe/Berlin.")
    return None


def _rule(reader: Reader, value: object) -> Rule | None:
    if not isinstance(value, str) or not value.strip():
        reader.add("rule", "required", "Give a rule such as FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10.")
    elif len(value) > limits.RRULE_CHARS_MAX:
        reader.add("rule", "too_long", f"At most {limits.RRULE_CHARS_MAX} characters are allowed, not {len(value)}.")
    else:
        try:
            return read_rule(value)
        except BadRule as bad:
            reader.add("rule", bad.code, str(bad))
    return None


def _excluded(reader: Reader, value: object) -> frozenset[datetime]:
    if value == []:
        return frozenset()
    items = reader.items(value, "excluded", limits.OCCURRENCES_MAX)
    read = [read_local_text(reader, item, f"excluded[{nth}]") for nth, item in enumerate(items)]
    return frozenset(wall for wall in read if wall is not None)


def _request(
    reader: Reader, repeated: Mapping[str, Any], minutes: object, vocabulary: Vocabulary, now: datetime
) -> ReservationRequest | None:
    length = 1 if minutes is None else minutes
    example = {**repeated, "starts_at": (now + _EXAMPLE).isoformat(), "duration_minutes": length}
    try:
        return parse_request(example, vocabulary=vocabulary, now=now)
    except Invalid as invalid:
        for error in invalid.errors:
            reader.add(error.field, error.code, error.message)
    return None
