"""Read what a reservation is to be resized to: a whole new mix, or how many nodes some of its groups shall have. Pure.

What a mix says is read with the rest of the body it becomes part of, by the parser of every booking.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scheduler import limits
from scheduler.reading import Reader, clean_text
from scheduler.refusals import FieldError, Invalid

FIELDS = frozenset({"mix", "placement", "groups"})
GROUP_FIELDS = frozenset({"role", "nodes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ResizeWish:
    """`changes` are members of the body, as sent; `counts` are (role, nodes) where there is no mix."""

    changes: Mapping[str, Any]
    counts: tuple[tuple[str, int], ...] = ()


def parse_resize(payload: object) -> ResizeWish:
    """Raises Invalid with all field errors of its own; those of a mix come with the body it makes."""
    reader = Reader()
    body = reader.mapping(payload, "", FIELDS)
    has_mix, has_groups = body.get("mix") is not None, body.get("groups") is not None
    if has_mix == has_groups:
        words = "Give mix, the whole of it, or groups with their counts of nodes."
        reader.add("mix", "invalid" if has_mix else "required", words)
    if has_groups and "placement" in body:
        reader.add("placement", "invalid", "It goes with a whole mix; groups only have their counts changed.")
    counts = _counts(reader, body["groups"]) if has_groups else ()
    if reader.errors:
        raise Invalid(reader.errors)
    changes: dict[str, Any] = {name: body[name] for name in ("mix", "placement") if has_mix and name in body}
    return ResizeWish(changes=changes, counts=counts)


def body_with(*, request: Mapping[str, Any], wish: ResizeWish) -> dict[str, Any]:
    """The body of the reservation with what is wished. Raises Invalid for a role that names no group of it, or two."""
    if not wish.counts:
        return {**request, **wish.changes}
    errors: list[FieldError] = []
    mix = [dict(group) for group in request["mix"]]
    roles = [group.get("role") or "" for group in mix]
    for at, (role, nodes) in enumerate(wish.counts):
        if roles.count(role) != 1:
            errors.append(FieldError(f"groups[{at}].role", "unknown", _no_such(role, roles)))
        else:
            mix[roles.index(role)]["nodes"] = nodes
    if errors:
        raise Invalid(errors)
    return {**request, "mix": mix}


def _counts(reader: Reader, value: object) -> tuple[tuple[str, int], ...]:
    found: list[tuple[str, int]] = []
    for at, item in enumerate(reader.items(value, "groups", limits.GROUPS_MAX)):
        path = f"groups[{at}]"
        body = reader.mapping(item, path, GROUP_FIELDS)
        role = clean_text(reader, body.get("role", ""), f"{path}.role", longest=limits.ROLE_CHARS_MAX)
        nodes = reader.integer(body.get("nodes"), f"{path}.nodes", 1, limits.NODES_PER_GROUP_MAX)
        if any(role == other for other, _ in found):
            reader.add(f"{path}.role", "invalid", "Each group is named once.")
        found.append((role, nodes))
    return tuple(found)


def _no_such(role: str, roles: list[str]) -> str:
    if roles.count(role) > 1:
        return f"Several of its groups are called “{role}”; give the whole mix instead."
    names = ", ".join(f"“{one}”" for one in roles)
    return f"It has no group “{role}”; it has {names}."
