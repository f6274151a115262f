"""How large each group shall be, as typed → the mix a program would send. The same parser judges it. Pure.

What a group asks of its devices stays as it is: only numbers are typed, and at most one group is added. A group of
which no node is wanted is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.web.forms.payload import number
from scheduler.refusals import FieldError

NEW = "new"
TEXT_CHARS_MAX = 80


@dataclass(frozen=True, slots=True)
class TypedLineSize:
    """`words` say what it is of: a class's code or a selector."""

    name: str
    words: str
    count: str
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypedSize:
    """`at` is the place of the group in the mix that is sent; None while it is left out of it."""

    name: str
    role: str
    nodes: str
    lines: tuple[TypedLineSize, ...]
    at: int | None
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypedSizes:
    """`typed` is every field as it was typed, to be sent again. `stray` are errors that have no field here."""

    groups: tuple[TypedSize, ...]
    typed: Mapping[str, str]
    mix: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    stray: tuple[str, ...] = ()

    @property
    def new(self) -> dict[str, str]:
        """The group that is added, as typed."""
        names = ("role", "nodes", "device_class", "count")
        return {name: self.typed.get(f"{NEW}-{name}", "1" if name in ("nodes", "count") else "") for name in names}

    @property
    def payload(self) -> dict[str, Any]:
        return {"mix": list(self.mix)}


def read_sizes(typed: Mapping[str, str], request: Mapping[str, Any], errors: Sequence[FieldError] = ()) -> TypedSizes:
    """What was not typed is as it is. `errors` of the mix stand at the fields they are about."""
    kept = {name: typed[name][:TEXT_CHARS_MAX] for name in _names(request) if name in typed}
    mix: list[Mapping[str, Any]] = []
    groups: list[TypedSize] = []
    for nth, group in enumerate(request["mix"]):
        nodes = kept.get(f"nodes-{nth}", str(group.get("nodes", 1))).strip()
        at = len(mix) if nodes != "0" else None
        groups.append(_group(nth, group, nodes, kept, at, errors))
        if at is not None:
            mix.append({**group, "nodes": number(nodes), "lines": _lines(nth, group, kept)})
    new = _new(kept)
    if new is not None:
        mix.append(new)
    known = {error.field for error in errors if any(_is_shown(error, group) for group in groups)}
    stray = tuple(error.message for error in errors if error.field not in known)
    return TypedSizes(tuple(groups), kept, tuple(mix), stray)


def _names(request: Mapping[str, Any]) -> list[str]:
    groups = list(enumerate(request["mix"]))
    sizes = [f"nodes-{nth}" for nth, _ in groups]
    counts = [f"count-{nth}-{line}" for nth, group in groups for line in range(len(group.get("lines") or ()))]
    return [*sizes, *counts, *(f"{NEW}-{name}" for name in ("role", "nodes", "device_class", "count"))]


def _group(
    nth: int,
    group: Mapping[str, Any],
    nodes: str,
    kept: Mapping[str, str],
    at: int | None,
    errors: Sequence[FieldError],
) -> TypedSize:
    lines = tuple(
        TypedLineSize(
            name=f"count-{nth}-{place}",
            words=_of(line),
            count=kept.get(f"count-{nth}-{place}", _count(line)),
            errors=tuple(one.message for one in errors if at is not None and one.field == _path(at, place)),
        )
        for place, line in enumerate(group.get("lines") or ())
    )
    told = tuple(one.message for one in errors if at is not None and one.field == f"mix[{at}].nodes")
    return TypedSize(f"nodes-{nth}", group.get("role") or "", nodes, lines, at, told)


def _is_shown(error: FieldError, group: TypedSize) -> bool:
    paths = [f"mix[{group.at}].nodes", *(_path(group.at or 0, place) for place in range(len(group.lines)))]
    return group.at is not None and error.field in paths


def _path(at: int, place: int) -> str:
    return f"mix[{at}].lines[{place}].count"


def _lines(nth: int, group: Mapping[str, Any], kept: Mapping[str, str]) -> list[Mapping[str, Any]]:
    lines = group.get("lines") or ()
    return [_sized(line, kept.get(f"count-{nth}-{place}")) for place, line in enumerate(lines)]


def _sized(line: Mapping[str, Any], count: str | None) -> Mapping[str, Any]:
    """Alternatives keep the numbers each of them has."""
    return line if count is None or line.get("first_of") else {**line, "count": number(count)}


def _new(kept: Mapping[str, str]) -> Mapping[str, Any] | None:
    device_class = kept.get(f"{NEW}-device_class", "").strip()
    if not device_class:
        return None
    line = {"device_class": device_class, "count": number(kept.get(f"{NEW}-count", "1"))}
    return {"role": kept.get(f"{NEW}-role", ""), "nodes": number(kept.get(f"{NEW}-nodes", "1")), "lines": [line]}


def _of(line: Mapping[str, Any]) -> str:
    return str(line.get("device_class") or line.get("selector") or "")


def _count(line: Mapping[str, Any]) -> str:
    return str(line.get("count", ""))
