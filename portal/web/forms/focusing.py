"""Where the keyboard goes after an edit: to what was added, moved or brought back, or to the way back. Pure."""

import re

from portal.web.forms.edits import UNDO
from portal.web.forms.typed import TypedRequest

UNDO_ID = "undo-edit"
_VERB = re.compile(rf"(add|copy|move|remove|{UNDO})-(group|line|other):?([\d-]*)", re.ASCII)


def focus_after(typed: TypedRequest, action: str) -> str:
    """The id of an element of the form as it is after the edit; empty where the keyboard stays where it was."""
    found = _VERB.match(action)
    if found is None:
        return ""
    verb, what = found[1], found[2]
    places = [int(part) for part in found[3].split("-") if part]
    if verb == "remove":
        return UNDO_ID
    if what == "group":
        at = {"add": len(typed.groups) - 1, "copy": places[0] + 1 if places else 0}.get(
            verb, places[-1] if places else 0
        )
        return f"group-{at}" if verb != "add" else f"group-{at}-line-0-device_class-find"
    if verb == "add":
        places = [*places, _last(typed, places)]
    names = ("group", "line", "or")
    return "-".join(f"{name}-{at}" for name, at in zip(names, places, strict=False)) + "-device_class-find"


def _last(typed: TypedRequest, places: list[int]) -> int:
    """The number of the line, or of the choice, that was just added at the end."""
    group = typed.groups[places[0]] if places and places[0] < len(typed.groups) else None
    if group is None or len(places) == 1:
        return len(group.lines) - 1 if group else 0
    return len(group.lines[places[1]].others) - 1 if places[1] < len(group.lines) else 0
