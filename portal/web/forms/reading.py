"""POST → typed request. Pure.

Names are `group-0-nodes`, `group-0-line-1-count` and `group-0-line-1-or-0-count`; whatever else comes is kept as
unknown, to be refused by name.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from portal.web.forms.payload import FLAGS
from portal.web.forms.typed import TypedGroup, TypedLine, TypedRequest

NOT_OURS = frozenset({"csrfmiddlewaretoken", "action", "form_key"})
_OTHER = re.compile(r"group-(\d{1,4})-line-(\d{1,4})-or-(\d{1,4})-(\w{1,40})", re.ASCII)
_LINE = re.compile(r"group-(\d{1,4})-line-(\d{1,4})-(\w{1,40})", re.ASCII)
_GROUP = re.compile(r"group-(\d{1,4})-(\w{1,40})", re.ASCII)
_NOT_TYPED = frozenset({"unknown", "lines", "groups", "others"})
_OWN = {
    kind: frozenset(item.name for item in fields(kind)) - _NOT_TYPED for kind in (TypedLine, TypedGroup, TypedRequest)
}

_CODE = re.compile(r"[-\w]{1,64}", re.ASCII)
_TICKED = ("pinned", "preempt", "wait_auto")
_CODES = ("copied_from", "preset")  # where the form came from: nobody types these

Words = dict[str, str]


def read_typed(post: Mapping[str, str]) -> TypedRequest:
    """Numbers in names only order the groups, the lines and what is taken in place of one; gaps close."""
    top: Words = {}
    groups: defaultdict[int, Words] = defaultdict(dict)
    lines: defaultdict[int, defaultdict[int, Words]] = defaultdict(lambda: defaultdict(dict))
    others: defaultdict[tuple[int, int], defaultdict[int, Words]] = defaultdict(lambda: defaultdict(dict))
    for name, value in post.items():
        if found := _OTHER.fullmatch(name):
            lines[int(found[1])].setdefault(int(found[2]), {})
            others[int(found[1]), int(found[2])][int(found[3])][found[4]] = value
        elif found := _LINE.fullmatch(name):
            lines[int(found[1])][int(found[2])][found[3]] = value
        elif found := _GROUP.fullmatch(name):
            groups[int(found[1])][found[2]] = value
        elif name not in NOT_OURS:
            top[name] = value
    read = [
        _group(groups[at], [_line(lines[at][n], others[at, n]) for n in sorted(lines[at])])
        for at in sorted({*groups, *lines})
    ]
    known, unknown = _split(top, TypedRequest)
    known |= {name: "" for name in _CODES if not _CODE.fullmatch(known.get(name, ""))}
    rest: dict[str, Any] = {**known, **{name: name in known for name in _TICKED}}
    return TypedRequest(**rest, groups=tuple(read), unknown=unknown)


def _group(words: Words, lines: list[TypedLine]) -> TypedGroup:
    known, unknown = _split(words, TypedGroup)
    rest: dict[str, Any] = {**known, **{name: name in known for name in FLAGS}}
    return TypedGroup(**rest, lines=tuple(lines), unknown=unknown)


def _line(words: Words, others: Mapping[int, Words]) -> TypedLine:
    known, unknown = _split({"count": "", **words}, TypedLine)
    read: dict[str, Any] = dict(known)
    return TypedLine(**read, others=tuple(_line(others[nth], {}) for nth in sorted(others)), unknown=unknown)


def _split(words: Words, kind: type[TypedLine | TypedGroup | TypedRequest]) -> tuple[Words, Words]:
    known = {name: value for name, value in words.items() if name in _OWN[kind]}
    return known, {name: value for name, value in words.items() if name not in known}
