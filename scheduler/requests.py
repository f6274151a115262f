"""The one request every door makes, and who asks. Frozen value types. Pure.

A door (form, serializer, command) turns its input into a plain mapping; `parsing.parse_request` turns that into a
`ReservationRequest` or raises `Invalid`. Services take only these types.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from scheduler.states import Priority


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
    call: int | None = None  # the row of the Idempotency-Key under which this is done


SYSTEM = Actor(name="heddle")


@dataclass(frozen=True, slots=True)
class Window:
    """`[starts_at, ends_at)` in UTC. `is_now` says that the start was left out: begin composing at once."""

    starts_at: datetime
    ends_at: datetime
    is_now: bool = False


class Spread(StrEnum):
    """What two nodes of one group must not share."""

    RACK = "rack"  # no rack holds a host or a device of two of them
    PRU = "pru"  # no PRU holds devices of two of them


class Affinity(StrEnum):
    """How near a node's NICs (or drives) are to its accelerators; the weaker is asked for by `true`."""

    PRU = "pru"  # every PRU that holds accelerators of the node holds one of them too (PXB)
    SWITCH = "switch"  # every switch does (PIX)


@dataclass(frozen=True, slots=True)
class WaitWish:
    """Not now, but as soon as it fits: the whole window lies between the two moments."""

    not_before: datetime
    not_after: datetime
    duration: timedelta
    auto_accept: bool  # booked at once when its turn comes, not offered
    accept_minutes: int  # that an offer is kept


class OnFailure(StrEnum):
    """What is done when a device will not bind and no equal one is free to take its place."""

    ALL = "all"  # nothing is granted in part: everything is given back, and the next time that fits is named
    DEGRADE = "degrade"  # it begins with what there is, is not charged for the rest, and goes on trying


@dataclass(frozen=True, slots=True)
class Line:
    """`count` devices on every node of the group: of a class, of whatever a selector matches, or the first of several.

    Exactly one of `device_class`, `selector` and `first_of` is set. With a MIG `profile`, `count` is of slices.
    """

    device_class: str
    count: int
    selector: str = ""  # CEL over the attributes of class and device, see `scheduler.selectors`
    profile: str = ""  # MIG profile such as 3g.40gb
    power_cap_w: int | None = None  # watts each device is held to, counted in place of its TDP (rule R14)
    first_of: tuple["Line", ...] = ()  # in order of preference; none of them has a first_of of its own


@dataclass(frozen=True, slots=True)
class Placement:
    same_pru: bool = False
    same_switch: bool = False
    host_class: str | None = None  # a host template of the pool
    allow_bridge_split: bool = False
    p2p: bool = False  # accelerators reach each other below the host bridge (rule R15)
    host_cores: int = 0  # at least
    host_memory_gib: int = 0  # at least
    spread: Spread | None = None
    nic_affinity: Affinity | None = None  # rule R16
    storage_affinity: Affinity | None = None  # rule R17
    rails: int | None = None  # RDMA ports of every node (rules R16, R21)
    network: str | None = None  # code of an RDMA network of the pool


@dataclass(frozen=True, slots=True)
class Group:
    """`nodes` alike; without lines it is a group of CPU nodes."""

    role: str
    nodes: int
    lines: tuple[Line, ...]
    placement: Placement = Placement()


@dataclass(frozen=True, slots=True)
class Mix:
    """`network` and `rails` join all nodes of all groups; a group's own placement goes before them."""

    groups: tuple[Group, ...]
    network: str | None = None
    rails: int | None = None

    @property
    def node_count(self) -> int:
        return sum(group.nodes for group in self.groups)


@dataclass(frozen=True, slots=True)
class ProfileTime:
    """So many nodes on these days (1 is Monday) from one minute of the day to another, on the pool's clock."""

    weekdays: str
    begin: int
    end: int
    nodes: int


@dataclass(frozen=True, slots=True)
class Elastic:
    """Bounds of a group's nodes: the floor is promised, what is above it is given back when another needs it."""

    floor: int
    ceiling: int
    profile: tuple[ProfileTime, ...] = ()


@dataclass(frozen=True, slots=True)
class ReservationRequest:
    project: str  # slug
    pool: str  # code
    title: str
    mix: Mix
    window: Window
    hold_minutes: int | None = None
    pinned: bool = False  # its plan is not moved to make room for others
    on_failure: OnFailure = OnFailure.ALL
    priority: Priority = Priority.NORMAL
    preempt: bool = False  # who asks agrees that reservations of low priority give way to it
    waitlist: WaitWish | None = None
    elastic: Mapping[str, Elastic] = field(default_factory=dict, hash=False)  # by role
    auto_extend_until: datetime | None = None
    wire: Mapping[str, Any] = field(
        default_factory=dict, compare=False, hash=False
    )  # the body as sent, to show and to copy
