"""POST → typed request, and the edits that work without JavaScript: a button adds or removes a group or a line. Pure.

Names are `group-0-nodes` and `group-0-line-1-count`; whatever else comes is kept as unknown, to be refused by name.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from portal.web.forms.typed import TypedGroup, TypedLine, TypedRequest
from scheduler import limits

NOT_OURS = frozenset({"csrfmiddlewaretoken", "action", "form_key"})
FLAGS = frozenset({"same_pru", "same_switch", "allow_bridge_split"})
_LINE = re.compile(r"group-(\d{1,4})-line-(\d{1,4})-(\w{1,40})", re.ASCII)
_GROUP = re.compile(r"group-(\d{1,4})-(\w{1,40})", re.ASCII)
_PLACES = re.compile(r"\d{1,4}(-\d{1,4}){0,2}", re.ASCII)
_NOT_TYPED = frozenset({"unknown", "lines", "groups"})
_OWN = {
    kind: frozenset(item.name for item in fields(kind)) - _NOT_TYPED for kind in (TypedLine, TypedGroup, TypedRequest)
}

Words = dict[str, str]


def read_typed(post: Mapping[str, str]) -> TypedRequest:
    """Numbers in names only order the groups and lines; gaps close."""
    top: Words = {}
    groups: defaultdict[int, Words] = defaultdict(dict)
    lines: defaultdict[int, defaultdict[int, Words]] = defaultdict(lambda: defaultdict(dict))
    for name, value in post.items():
        if found := _LINE.fullmatch(name):
            lines[int(found[1])][int(found[2])][found[3]] = value
        elif found := _GROUP.fullmatch(name):
            groups[int(found[1])][found[2]] = value
        elif name not in NOT_OURS:
            top[name] = value
    read = [_group(groups[at], [lines[at][n] for n in sorted(lines[at])]) for at in sorted({*groups, *lines})]
    known, unknown = _split(top, TypedRequest)
    return TypedRequest(**known, groups=tuple(read), unknown=unknown)


def edited(typed: TypedRequest, action: str) -> TypedRequest:
    """`add-group`, `remove-group:0`, `add-line:0`, `remove-line:0-1`, and of what would fit `count:0-1-8`,
    `allow-split:0`, `host-class:0:host-large`. Anything else changes nothing.
    """
    verb, rest, value = (*action.split(":", 2), "", "")[:3]
    places = tuple(int(part) for part in rest.split("-")) if _PLACES.fullmatch(rest) else ()
    groups = list(typed.groups)
    match verb, places:
        case "add-group", () if len(groups) < limits.GROUPS_MAX:
            groups.append(TypedGroup())
        case "remove-group", (at,) if at < len(groups):
            del groups[at]
        case "add-line", (at,) if at < len(groups) and len(groups[at].lines) < limits.LINES_PER_GROUP_MAX:
            groups[at] = replace(groups[at], lines=(*groups[at].lines, TypedLine()))
        case "remove-line", (at, n) if at < len(groups):
            kept = tuple(line for place, line in enumerate(groups[at].lines) if place != n)
            groups[at] = replace(groups[at], lines=kept)
        case "allow-split", (at,) if at < len(groups):
            groups[at] = replace(groups[at], allow_bridge_split=True)
        case "host-class", (at,) if at < len(groups):
            groups[at] = replace(groups[at], host_class=value)
        case "count", (at, n, count) if at < len(groups) and n < len(groups[at].lines):
            lines = list(groups[at].lines)
            lines[n] = replace(lines[n], count=str(count))
            groups[at] = replace(groups[at], lines=tuple(lines))
    return replace(typed, groups=tuple(groups) or (TypedGroup(),))


def _group(words: Words, lines: list[Words]) -> TypedGroup:
    known, unknown = _split(words, TypedGroup)
    rest: dict[str, Any] = {name: name in known if name in FLAGS else known.get(name) for name in {*FLAGS, *known}}
    return TypedGroup(**rest, lines=tuple(_line(line) for line in lines), unknown=unknown)


def _line(words: Words) -> TypedLine:
    known, unknown = _split({"count": "", **words}, TypedLine)
    return TypedLine(**known, unknown=unknown)


def _split(words: Words, kind: type[TypedLine | TypedGroup | TypedRequest]) -> tuple[Words, Words]:
    known = {name: value for name, value in words.items() if name in _OWN[kind]}
    return known, {name: value for name, value in words.items() if name not in known}
