"""A body as it was sent → the form filled in again, for “copy” and “try again”. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.web.forms.payload import FLAGS
from portal.web.forms.typed import AT, FIRST, FOR, NOW, SECOND, UNIT_MINUTES, UNTIL, TypedGroup, TypedLine, TypedRequest
from scheduler.requests import Affinity, OnFailure
from scheduler.states import Priority


def typed_from_wire(
    body: Mapping[str, Any], *, zone: ZoneInfo, starts_at: datetime, ends_at: datetime, now: datetime, copied_from: str
) -> TypedRequest:
    """The same mix, for the same length. A window that has begun starts now; one still ahead is kept."""
    fabric = body.get("placement") or {}
    is_ahead = starts_at > now and "starts_at" in body
    length, unit = length_words(round((ends_at - starts_at).total_seconds() / 60))
    return TypedRequest(
        project=body.get("project", ""),
        pool=body.get("pool", ""),
        title=body.get("title", ""),
        zone=zone.key,
        start=AT if is_ahead else NOW,
        starts_at=wall_clock(starts_at, zone) if is_ahead else "",
        starts_at_fold=fold_of(starts_at, zone) if is_ahead else "",
        end=UNTIL if is_ahead else FOR,
        duration=str(length),
        duration_unit=unit,
        ends_at=wall_clock(ends_at, zone) if is_ahead else "",
        ends_at_fold=fold_of(ends_at, zone) if is_ahead else "",
        network=fabric.get("network") or "",
        rails=_text(fabric.get("rails")),
        priority="" if body.get("priority") in (None, Priority.NORMAL) else str(body["priority"]),
        preempt=not copied_from and bool(body.get("preempt")),  # agreed to once, not with every copy
        pinned=bool(body.get("pinned")),
        on_failure="" if body.get("on_failure") in (None, OnFailure.ALL) else str(body["on_failure"]),
        copied_from=copied_from,
        groups=groups_from_wire(body["mix"]),
    )


def groups_from_wire(mix: Iterable[Mapping[str, Any]]) -> tuple[TypedGroup, ...]:
    return tuple(_group(group) for group in mix)


def wall_clock(at: datetime, zone: ZoneInfo) -> str:
    """As `<input type=datetime-local>` has it, to the minute."""
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def fold_of(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return (SECOND if local.fold else FIRST) if is_twice else ""


def length_words(minutes: int) -> tuple[int, str]:
    """In the largest unit that is whole: `(2, "hours")`."""
    for unit in ("days", "hours"):
        if minutes % UNIT_MINUTES[unit] == 0:
            return minutes // UNIT_MINUTES[unit], unit
    return minutes, "minutes"


def _group(body: Mapping[str, Any]) -> TypedGroup:
    placement = body.get("placement") or {}
    host = placement.get("host") or body.get("host") or {}
    flags: dict[str, Any] = {flag: bool(placement.get(flag)) for flag in FLAGS}
    return TypedGroup(
        role=body.get("role", ""),
        nodes=str(body.get("nodes", 1)),
        lines=tuple(_line(line) for line in body.get("lines") or ()),
        host_class=placement.get("host_class") or "",
        host_cores=_text(host.get("cores")),
        host_memory_gib=_text(host.get("memory_gib")),
        spread=placement.get("spread") or "",
        nic_affinity=_affinity(placement.get("nic_affinity")),
        storage_affinity=_affinity(placement.get("storage_affinity")),
        network=placement.get("network") or "",
        rails=_text(placement.get("rails")),
        **flags,
    )


def _line(body: Mapping[str, Any]) -> TypedLine:
    """The first of several is the line itself, with the others beside it."""
    ones = [_plain({"count": body.get("count"), **one}) for one in body.get("first_of") or (body,)]
    return replace(ones[0], others=tuple(ones[1:]))


def _plain(body: Mapping[str, Any]) -> TypedLine:
    return TypedLine(
        device_class=body.get("device_class") or "",
        count=_text(body["count"]),
        selector=body.get("selector") or "",
        profile=body.get("profile") or "",
        power_cap_w=_text(body.get("power_cap_w")),
    )


def _affinity(value: object) -> str:
    return Affinity.PRU if value is True else str(value or "")


def _text(value: object) -> str:
    return "" if value is None else str(value)
