"""Make a changed request, and the alternative that offers it whole. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from scheduler.mix_writing import mix_to_wire
from scheduler.refusals import Alternative, Refusal
from scheduler.requests import Group, Line, Mix, ReservationRequest, Window

_TIMES = ("starts_at", "ends_at", "duration_minutes")


@dataclass(frozen=True, slots=True)
class LinePlace:
    """One line of one group, and the path under which refusals name it."""

    group: int
    line: int

    @property
    def path(self) -> str:
        return f"mix[{self.group}].lines[{self.line}]"

    def of(self, mix: Mix) -> Line:
        return mix.groups[self.group].lines[self.line]


def places(mix: Mix) -> Iterator[LinePlace]:
    return (LinePlace(at, nth) for at, group in enumerate(mix.groups) for nth in range(len(group.lines)))


def blamed(mix: Mix, refusals: Sequence[Refusal]) -> list[LinePlace]:
    """Lines that a refusal names; the only line there is where none is named."""
    every = list(places(mix))
    named = [place for place in every if any(_is_of(place, refusal.field) for refusal in refusals)]
    return named or (every if len(every) == 1 else [])


def _is_of(place: LinePlace, field: str) -> bool:
    return field == place.path or field.startswith(f"{place.path}.")


def with_line(mix: Mix, place: LinePlace, line: Line) -> Mix:
    group = mix.groups[place.group]
    lines = tuple(line if nth == place.line else one for nth, one in enumerate(group.lines))
    return with_group(mix, place.group, replace(group, lines=lines))


def with_group(mix: Mix, at: int, group: Group) -> Mix:
    return replace(mix, groups=tuple(group if nth == at else one for nth, one in enumerate(mix.groups)))


def with_mix(request: ReservationRequest, mix: Mix) -> ReservationRequest:
    return replace(request, mix=mix)


def at_start(request: ReservationRequest, starts_at: datetime) -> ReservationRequest:
    """As long as before; a start that is named is no longer “now”."""
    length = request.window.ends_at - request.window.starts_at
    return replace(request, window=Window(starts_at=starts_at, ends_at=starts_at + length))


def alternative(*, kind: str, message: str, asked: ReservationRequest, granted: ReservationRequest) -> Alternative:
    """`request` is the body as sent with only that changed which had to change, so that a start “now” stays one."""
    mix = None if granted.mix == asked.mix else mix_to_wire(granted.mix)
    body: dict[str, Any] = dict(asked.wire)
    window = granted.window
    if window != asked.window:
        body = {name: value for name, value in body.items() if name not in _TIMES}
        body |= {"starts_at": iso(window.starts_at), "ends_at": iso(window.ends_at)}
    if mix is not None:
        body["mix"] = list(mix)
    return Alternative(kind, message, window.starts_at, window.ends_at, mix, body)


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
