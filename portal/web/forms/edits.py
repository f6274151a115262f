"""The edits of a form that work without JavaScript: a button adds, moves, copies or removes a group or a line. Pure.

What is removed comes back by a button that carries it, signed, so that a mangled button changes nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.core import signing

from portal.web.forms.from_wire import length_words
from portal.web.forms.typed import FOR, TypedGroup, TypedLine, TypedRequest
from scheduler import limits

UNDO = "restore"
_SALT = "heddle.removed"
_PLACES = re.compile(r"\d{1,5}(-\d{1,4}){0,2}", re.ASCII)
_AT = {"group": 1, "line": 2, "other": 3}  # how many numbers say where each is

Groups = list[TypedGroup]
Places = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Removed:
    """`what` is group, line or other; `places` where it was; `action` the value of the button that brings it back."""

    what: str
    places: Places
    piece: TypedGroup | TypedLine
    action: str


def edited(typed: TypedRequest, action: str) -> TypedRequest:
    """`add-group`, `remove-line:0-1`, `move-group:1-0`, `count:0-1-8` and their like; anything else changes nothing.

    Where there is no such place, or no room for more, nothing changes either.
    """
    verb, places, value = _parts(action)
    if verb == "length" and len(places) == 1:
        return _of_length(typed, places[0])
    groups = list(typed.groups)
    edit = _EDITS.get(verb)
    if edit is None or not _is_there(groups, places[: edit.depth]) or len(places) != edit.places:
        return typed
    edit.change(groups, places, value)
    return replace(typed, groups=tuple(groups) or (TypedGroup(),))


def removed(typed: TypedRequest, action: str) -> Removed | None:
    """What this action takes away; None for one that takes nothing."""
    verb, places, _ = _parts(action)
    what = verb.removeprefix("remove-") if verb.startswith("remove-") else ""
    if _AT.get(what) != len(places) or not _is_there(list(typed.groups), places):
        return None
    piece = _piece(typed.groups, places)
    packed = signing.dumps(asdict(piece), salt=_SALT, compress=True)
    where = "-".join(map(str, places))
    return Removed(what, places, piece, f"{UNDO}-{what}:{where}:{packed}")


def _parts(action: str) -> tuple[str, Places, str]:
    verb, rest, value = (*action.split(":", 2), "", "")[:3]
    return verb, tuple(int(part) for part in rest.split("-")) if _PLACES.fullmatch(rest) else (), value


def _is_there(groups: Sequence[TypedGroup], places: Places) -> bool:
    """Whether a group, a line of it, and one that is taken instead stand at these places."""
    at, n, nth = (*places, None, None, None)[:3]
    if at is not None and at >= len(groups):
        return False
    if at is not None and n is not None and n >= len(groups[at].lines):
        return False
    return not (at is not None and n is not None and nth is not None and nth >= len(groups[at].lines[n].others))


def _piece(groups: Sequence[TypedGroup], places: Places) -> TypedGroup | TypedLine:
    group = groups[places[0]]
    if len(places) == 1:
        return group
    line = group.lines[places[1]]
    return line if len(places) == len(_AT) - 1 else line.others[places[2]]


def _of_length(typed: TypedRequest, minutes: int) -> TypedRequest:
    length, unit = length_words(minutes)
    return replace(typed, end=FOR, duration=str(length), duration_unit=unit)


@dataclass(frozen=True, slots=True)
class _Edit:
    """`places` numbers follow the verb, of which the first `depth` say what is there already."""

    places: int
    depth: int
    change: Callable[[Groups, Places, str], None]


def _add_group(groups: Groups, _: Places, __: str) -> None:
    if len(groups) < limits.GROUPS_MAX:
        groups.append(TypedGroup())


def _copy_group(groups: Groups, places: Places, _: str) -> None:
    if len(groups) < limits.GROUPS_MAX:
        groups.insert(places[0] + 1, groups[places[0]])


def _move_group(groups: Groups, places: Places, _: str) -> None:
    at, to = places
    groups.insert(min(to, len(groups) - 1), groups.pop(at))


def _remove_group(groups: Groups, places: Places, _: str) -> None:
    del groups[places[0]]


def _restore_group(groups: Groups, places: Places, packed: str) -> None:
    body = _unpacked(packed)
    if body is None or "nodes" not in body or len(groups) >= limits.GROUPS_MAX:
        return
    if groups == [TypedGroup()]:  # stands where the only group was
        groups.clear()
    groups.insert(places[0], _group_of(body))


def _change_lines(groups: Groups, at: int, change: Callable[[list[TypedLine]], None]) -> None:
    lines = list(groups[at].lines)
    change(lines)
    groups[at] = replace(groups[at], lines=tuple(lines))


def _add_line(groups: Groups, places: Places, _: str) -> None:
    if len(groups[places[0]].lines) < limits.LINES_PER_GROUP_MAX:
        _change_lines(groups, places[0], lambda lines: lines.append(TypedLine()))


def _remove_line(groups: Groups, places: Places, _: str) -> None:
    def change(lines: list[TypedLine]) -> None:
        del lines[places[1]]

    _change_lines(groups, places[0], change)


def _restore_line(groups: Groups, places: Places, packed: str) -> None:
    body = _unpacked(packed)
    if body is not None and "count" in body and len(groups[places[0]].lines) < limits.LINES_PER_GROUP_MAX:
        _change_lines(groups, places[0], lambda lines: lines.insert(places[1], _line_of(body)))


def _change_line(groups: Groups, places: Places, **changes: Any) -> None:
    def change(lines: list[TypedLine]) -> None:
        lines[places[1]] = replace(lines[places[1]], **changes)

    _change_lines(groups, places[0], change)


def _others(groups: Groups, places: Places) -> list[TypedLine]:
    return list(groups[places[0]].lines[places[1]].others)


def _add_other(groups: Groups, places: Places, _: str) -> None:
    others = (*_others(groups, places), TypedLine())
    _change_line(groups, places, others=others[: limits.FIRST_OF_MAX - 1])


def _remove_other(groups: Groups, places: Places, _: str) -> None:
    others = _others(groups, places)
    del others[places[2]]
    _change_line(groups, places, others=tuple(others))


def _restore_other(groups: Groups, places: Places, packed: str) -> None:
    body, others = _unpacked(packed), _others(groups, places)
    if body is not None and "count" in body and len(others) < limits.FIRST_OF_MAX - 1:
        others.insert(places[2], _line_of(body))
        _change_line(groups, places, others=tuple(others))


def _count(groups: Groups, places: Places, _: str) -> None:
    _change_line(groups, places, count=str(places[2]))


def _allow_split(groups: Groups, places: Places, _: str) -> None:
    groups[places[0]] = replace(groups[places[0]], allow_bridge_split=True)


def _host_class(groups: Groups, places: Places, value: str) -> None:
    groups[places[0]] = replace(groups[places[0]], host_class=value)


def _unpacked(packed: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = signing.loads(packed, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    return found


def _group_of(body: Mapping[str, Any]) -> TypedGroup:
    return TypedGroup(**{**body, "lines": tuple(_line_of(line) for line in body["lines"])})


def _line_of(body: Mapping[str, Any]) -> TypedLine:
    return TypedLine(**{**body, "others": tuple(_line_of(one) for one in body["others"])})


_EDITS: Mapping[str, _Edit] = {
    "add-group": _Edit(0, 0, _add_group),
    "copy-group": _Edit(1, 1, _copy_group),
    "move-group": _Edit(2, 1, _move_group),
    "remove-group": _Edit(1, 1, _remove_group),
    "restore-group": _Edit(1, 0, _restore_group),
    "add-line": _Edit(1, 1, _add_line),
    "remove-line": _Edit(2, 2, _remove_line),
    "restore-line": _Edit(2, 1, _restore_line),
    "add-other": _Edit(2, 2, _add_other),
    "remove-other": _Edit(3, 3, _remove_other),
    "restore-other": _Edit(3, 2, _restore_other),
    "count": _Edit(3, 2, _count),
    "allow-split": _Edit(1, 1, _allow_split),
    "host-class": _Edit(1, 1, _host_class),
}
