"""A change of mix that is under way, as the plan of its reservation carries it, for whoever goes on with it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """What comes is proven before anything goes; where it is not, what has come is taken back."""

    ADDING = "adding"
    REMOVING = "removing"
    UNDOING = "undoing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """By index of the node. `grows` and `shrinks` are codes of devices; `had` is what a node has that grows.

    `groups` says to which group of the new mix a node belongs in the end, and its role. `request` is the body with the
    new mix. `reason` is why it is undone, once that is known.
    """

    stage: Stage
    request: Mapping[str, Any]
    comes: tuple[int, ...] = ()
    goes: tuple[int, ...] = ()
    grows: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    shrinks: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    had: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    groups: Mapping[int, tuple[int, str]] = field(default_factory=dict)
    reason: str = ""


def change_to_wire(change: Change) -> dict[str, Any]:
    """Plain JSON, whose names are text; `change_from_wire` is its inverse."""
    return {
        "stage": str(change.stage),
        "request": dict(change.request),
        "comes": list(change.comes),
        "goes": list(change.goes),
        "grows": _codes_to_wire(change.grows),
        "shrinks": _codes_to_wire(change.shrinks),
        "had": _codes_to_wire(change.had),
        "groups": {str(node): list(of) for node, of in sorted(change.groups.items())},
        "reason": change.reason,
    }


def change_from_wire(wire: Mapping[str, Any]) -> Change:
    return Change(
        stage=Stage(wire["stage"]),
        request=wire["request"],
        comes=tuple(wire["comes"]),
        goes=tuple(wire["goes"]),
        grows=_codes_from_wire(wire["grows"]),
        shrinks=_codes_from_wire(wire["shrinks"]),
        had=_codes_from_wire(wire["had"]),
        groups={int(node): (group, role) for node, (group, role) in wire["groups"].items()},
        reason=wire["reason"],
    )


def _codes_to_wire(codes: Mapping[int, tuple[str, ...]]) -> dict[str, list[str]]:
    return {str(node): list(ones) for node, ones in sorted(codes.items())}


def _codes_from_wire(wire: Mapping[str, Any]) -> dict[int, tuple[str, ...]]:
    return {int(node): tuple(ones) for node, ones in wire.items()}
