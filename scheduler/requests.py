"""The one request every door makes, and who asks. Frozen value types. Pure.

A door (form, serializer, command) turns its input into a plain mapping; `parsing.parse_request` turns that into a
`ReservationRequest` or raises `Invalid`. Services take only these types.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Permission(StrEnum):
    """Named powers beyond one's own projects; Django permission codenames of the scheduler application."""

    OPERATE_POOL = "operate_pool"  # cordon, quarantine, force-release
    VIEW_ALL = "view_all"  # see every project's reservations


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, through which door. `user_id` None is the system itself."""

    name: str
    user_id: int | None = None
    door: str = "system"  # web, api, admin, command, system
    permissions: frozenset[Permission] = frozenset()
    request_id: str = ""


SYSTEM = Actor(name="heddle")


@dataclass(frozen=True, slots=True)
class Window:
    """`[starts_at, ends_at)` in UTC. `is_now` says that the start was left out: begin composing at once."""

    starts_at: datetime
    ends_at: datetime
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """`count` devices of a class on every node of the group."""

    device_class: str
    count: int


@dataclass(frozen=True, slots=True)
class Placement:
    same_pru: bool = False
    same_switch: bool = False
    host_class: str | None = None  # a host template of the pool
    allow_bridge_split: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    role: str
    nodes: int
    lines: tuple[Line, ...]
    placement: Placement = Placement()


@dataclass(frozen=True, slots=True)
class Mix:
    groups: tuple[Group, ...]

    @property
    def node_count(self) -> int:
        return sum(group.nodes for group in self.groups)


@dataclass(frozen=True, slots=True)
class ReservationRequest:
    project: str  # slug
    pool: str  # code
    title: str
    mix: Mix
    window: Window
    hold_minutes: int | None = None
    wire: Mapping[str, Any] = field(
        default_factory=dict, compare=False, hash=False
    )  # the body as sent, to show and to copy
