"""The address of the builder → what is filled in already. What cannot be read is left out, never an error. Pure.

`reservations/new/?pool=&project=&device_class=&count=&starts_at=&ends_at=&duration_minutes=&preset=&copy=`: all but the
last two are read here, on top of what a preset or a copy gives; times are RFC 3339 with an offset, and an end wins over
a length.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.web.forms.from_wire import fold_of, groups_from_wire, length_words, wall_clock
from portal.web.forms.offers import whole_minute
from portal.web.forms.typed import AT, FOR, NOW, UNTIL, TypedGroup, TypedLine, TypedRequest
from scheduler import limits
from scheduler.requests import OnFailure

TIMES = ("starts_at", "ends_at")
_ASKED = ("pool", "project", "device_class", "count", *TIMES, "duration_minutes")
_COUNT = re.compile(r"[1-9]\d{0,3}", re.ASCII)
_MINUTES = re.compile(r"[1-9]\d{0,5}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_YEARS = range(2000, 3000)


def with_mix(
    typed: TypedRequest, body: Mapping[str, Any], *, preset: str, stocked: Collection[str] | None = None
) -> TypedRequest:
    """A preset's mix in place of what is typed, for its typical length; who asks, and the window's start, stay.

    Of alternatives those whose class is not `stocked` are left out, as long as one remains: a preset for every pool
    lists more than this pool has.
    """
    fabric = body.get("placement") or {}
    length, unit = length_words(int(body.get("duration_minutes") or 0) or 60)
    return replace(
        typed,
        groups=groups_from_wire([_stocked_group(group, stocked) for group in body["mix"]]),
        network=fabric.get("network") or "",
        rails=str(fabric.get("rails") or ""),
        on_failure="" if body.get("on_failure") in (None, OnFailure.ALL) else str(body["on_failure"]),
        end=FOR,
        duration=str(length),
        duration_unit=unit,
        preset=preset,
    )


def prefilled(
    typed: TypedRequest, query: Mapping[str, str], *, classes: Collection[str], now: datetime
) -> TypedRequest:
    """Of a class nobody knows, and of times that are over, nothing is taken."""
    wanted = query.get("device_class", "")
    if wanted in classes:
        count = query.get("count", "")
        line = TypedLine(wanted, count if _is_count(count) else "1")
        typed = replace(typed, groups=(TypedGroup(lines=(line,)),), preset="")
    typed = _with_length(typed, query.get("duration_minutes", ""))
    return _with_times(typed, _moment(query.get("starts_at", "")), _moment(query.get("ends_at", "")), now)


def is_asked(query: Mapping[str, str]) -> bool:
    """Whether the address says anything about what is to be booked."""
    return any(query.get(name) for name in (*_ASKED, "preset", "copy"))


def _stocked_group(group: Mapping[str, Any], stocked: Collection[str] | None) -> Mapping[str, Any]:
    if stocked is None or not group.get("lines"):
        return group
    return {**group, "lines": [_stocked_line(line, stocked) for line in group["lines"]]}


def _stocked_line(line: Mapping[str, Any], stocked: Collection[str]) -> Mapping[str, Any]:
    ones = line.get("first_of") or ()
    kept = [one for one in ones if not one.get("device_class") or one["device_class"] in stocked]
    return {**line, "first_of": kept} if kept else line


def _is_count(text: str) -> bool:
    return bool(_COUNT.fullmatch(text)) and int(text) <= limits.COUNT_PER_LINE_MAX


def _with_length(typed: TypedRequest, minutes: str) -> TypedRequest:
    if not _MINUTES.fullmatch(minutes):
        return typed
    length, unit = length_words(int(minutes))
    return replace(typed, end=FOR, duration=str(length), duration_unit=unit)


def _with_times(typed: TypedRequest, start: datetime | None, end: datetime | None, now: datetime) -> TypedRequest:
    zone = ZoneInfo(typed.zone)
    if start is not None and start <= now:
        typed, start = replace(typed, start=NOW, starts_at="", starts_at_fold=""), None
    if start is not None:
        local = _local(start, zone)
        typed = replace(typed, start=AT, starts_at=local[0], starts_at_fold=local[1])
    if end is not None and end > (start or now):
        local = _local(end, zone)
        typed = replace(typed, end=UNTIL, ends_at=local[0], ends_at_fold=local[1])
    return typed


def _local(moment: datetime, zone: ZoneInfo) -> tuple[str, str]:
    return wall_clock(moment, zone), fold_of(moment, zone)


def _moment(text: str) -> datetime | None:
    """To the minute, for the form has no seconds. A + that came as a space in the address is meant all the same."""
    written = text.replace(" ", "+")
    if not _MOMENT.fullmatch(written):
        return None
    try:
        read = datetime.fromisoformat(written.upper().replace("Z", "+00:00"))
    except ValueError:
        return None
    return whole_minute(read.astimezone(UTC)) if read.year in _YEARS else None
