"""Typed text → the body a program would send → `ReservationRequest`. The same parser judges it. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.web.forms.local_time import read_local
from portal.web.forms.typed import AT, FOR, NOW, UNIT_MINUTES, UNTIL, TypedGroup, TypedLine, TypedRequest
from portal.web.zones import zone_names
from scheduler import limits
from scheduler.parsing import Vocabulary, parse_request
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import ReservationRequest

_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_READABLE = 1  # a length in place of one that is refused already, so that the parser judges the rest
_DIGITS_MAX = 18  # more are too large for anything, and slow to read
_CHOICES = {"start": (NOW, AT), "end": (FOR, UNTIL), "duration_unit": tuple(UNIT_MINUTES)}
FLAGS = ("same_pru", "same_switch", "p2p", "allow_bridge_split")
_WORDS = ("host_class", "spread", "nic_affinity", "storage_affinity", "network")
_TIMES = frozenset({"starts_at", "ends_at"})


def parse_typed(typed: TypedRequest, *, vocabulary: Vocabulary, now: datetime) -> ReservationRequest:
    """Raises Invalid with all field errors: the form's own (zone, wall clocks) and the parser's."""
    payload, own = payload_of(typed)
    unreadable = {error.field for error in own} & {*_TIMES, "zone"}
    try:
        request = parse_request(payload, vocabulary=vocabulary, now=now)
    except Invalid as invalid:
        others = [error for error in invalid.errors if not (unreadable and error.field in _TIMES)]
        raise Invalid([*own, *others]) from None
    if own:
        raise Invalid(own)
    return request


def payload_of(typed: TypedRequest) -> tuple[dict[str, Any], Sequence[FieldError]]:
    """What was left empty is left out, as a program would."""
    body: dict[str, Any] = {"project": typed.project, "pool": typed.pool, "title": typed.title}
    errors = _window(typed, body)
    if typed.hold_minutes.strip():
        body["hold_minutes"] = number(typed.hold_minutes)
    if typed.priority:
        body["priority"] = typed.priority
    if typed.preempt:
        body["preempt"] = True
    if typed.pinned:
        body["pinned"] = True
    if typed.on_failure:
        body["on_failure"] = typed.on_failure
    fabric = _said({"network": typed.network.strip(), "rails": number(typed.rails)})
    if fabric:
        body["placement"] = fabric
    body["mix"] = [_group(group) for group in typed.groups]
    return body | dict(typed.unknown), errors


def number(text: str) -> int | str | None:
    """A whole number, or the text as it is: the parser then says what is wrong with it. Nothing typed is None."""
    text = text.strip()
    if not text:
        return None
    if not _WHOLE.fullmatch(text):
        return text
    return int(text[: _DIGITS_MAX + 1])


def _window(typed: TypedRequest, body: dict[str, Any]) -> list[FieldError]:
    errors: list[FieldError] = []
    zone = ZoneInfo(typed.zone) if typed.zone in zone_names() else None
    if zone is None:
        errors.append(FieldError("zone", "unknown", "There is no such time zone."))
    for name, known in _CHOICES.items():
        if getattr(typed, name) not in known:
            errors.append(FieldError(name, "unknown", "Choose one of the options."))
    if zone is not None and typed.start == AT:
        read = read_local(typed.starts_at, zone=zone, fold=typed.starts_at_fold, field="starts_at")
        _moment(body, errors, "starts_at", read)
    if zone is not None and typed.end == UNTIL:
        read = read_local(typed.ends_at, zone=zone, fold=typed.ends_at_fold, field="ends_at")
        _moment(body, errors, "ends_at", read)
    elif typed.end == FOR:
        body["duration_minutes"] = _minutes(typed, errors)
    return errors


def _moment(body: dict[str, Any], errors: list[FieldError], name: str, read: datetime | FieldError) -> None:
    if isinstance(read, FieldError):
        errors.append(read)
    else:
        body[name] = read.isoformat()


def _minutes(typed: TypedRequest, errors: list[FieldError]) -> int | str | None:
    length = number(typed.duration)
    if length is None:
        errors.append(FieldError("duration_minutes", "required", "Say for how long."))
        return _READABLE
    if not isinstance(length, int):
        return length
    unit_minutes = UNIT_MINUTES.get(typed.duration_unit, 1)
    if length * unit_minutes <= limits.DURATION_MINUTES_MAX:
        return length * unit_minutes
    most = limits.DURATION_MINUTES_MAX // unit_minutes
    errors.append(FieldError("duration_minutes", "too_large", f"Give at most {most:,} {typed.duration_unit}."))
    return _READABLE


def _group(group: TypedGroup) -> dict[str, Any]:
    lines = [_line(line) for line in group.lines]
    body: dict[str, Any] = {"role": group.role, "nodes": number(group.nodes), "lines": lines}
    placement = _placement(group)
    return body | ({"placement": placement} if placement else {}) | dict(group.unknown)


def _placement(group: TypedGroup) -> dict[str, Any]:
    """Only what was asked for."""
    host = _said({"cores": number(group.host_cores), "memory_gib": number(group.host_memory_gib)})
    flags = {name: True for name in FLAGS if getattr(group, name)}
    words = {name: getattr(group, name).strip() for name in _WORDS}
    return flags | _said({**words, "rails": number(group.rails), "host": host})


def _line(line: TypedLine) -> dict[str, Any]:
    """With others it is a `first_of` of them all."""
    if line.others:
        return {"first_of": [_plain(one) for one in (replace(line, others=()), *line.others)]}
    return _plain(line)


def _plain(line: TypedLine) -> dict[str, Any]:
    """An empty class is sent as it is where nothing else was said, so that it is asked for by name."""
    selector = line.selector.strip()
    named = {} if selector and not line.device_class else {"device_class": line.device_class}
    more = _said({"selector": selector, "profile": line.profile.strip(), "power_cap_w": number(line.power_cap_w)})
    return {**named, "count": number(line.count), **more, **line.unknown}


def _said(words: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in words.items() if value not in (None, "", {})}


def without_empty_lines(typed: TypedRequest) -> TypedRequest:
    """For the check as one types: a line whose class is still to be chosen is not a mistake yet.

    A group that has no lines at all is one of CPU nodes, and stays.
    """
    groups = [
        replace(group, lines=tuple(_chosen(line) for line in group.lines if _is_chosen(line)))
        for group in typed.groups
        if not group.lines or any(_is_chosen(line) for line in group.lines)
    ]
    return replace(typed, groups=tuple(groups))


def _is_chosen(line: TypedLine) -> bool:
    return bool(line.device_class or line.selector.strip())


def _chosen(line: TypedLine) -> TypedLine:
    return replace(line, others=tuple(one for one in line.others if _is_chosen(one)))
