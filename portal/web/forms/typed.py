"""What a person typed into the form of a reservation, word for word. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

NOW, AT = "now", "at"  # when it starts
FOR, UNTIL = "for", "until"  # how its end is given
UNIT_MINUTES = {"minutes": 1, "hours": 60, "days": 24 * 60}
FIRST, SECOND = "first", "second"  # which of two instants a wall clock shows when it is put back


@dataclass(frozen=True, slots=True)
class TypedLine:
    """`others` are what is taken instead if this does not fit, in order; they have none of their own."""

    device_class: str = ""
    count: str = "1"
    selector: str = ""
    profile: str = ""
    power_cap_w: str = ""
    others: tuple["TypedLine", ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TypedGroup:
    """Without lines it is a group of CPU nodes; a line that is empty is one still to be chosen."""

    role: str = ""
    nodes: str = "1"
    lines: tuple[TypedLine, ...] = (TypedLine(),)
    host_class: str = ""
    host_cores: str = ""
    host_memory_gib: str = ""
    spread: str = ""
    nic_affinity: str = ""
    storage_affinity: str = ""
    network: str = ""
    rails: str = ""
    same_pru: bool = False
    same_switch: bool = False
    p2p: bool = False
    allow_bridge_split: bool = False
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TypedRequest:
    """`unknown` keeps fields we never rendered, so that they are refused by name as the API does."""

    project: str = ""
    pool: str = ""
    title: str = ""
    zone: str = "UTC"
    start: str = NOW
    starts_at: str = ""
    starts_at_fold: str = ""
    end: str = FOR
    duration: str = "2"
    duration_unit: str = "hours"
    ends_at: str = ""
    ends_at_fold: str = ""
    hold_minutes: str = ""
    priority: str = ""
    preempt: bool = False  # agreed that low priority gives way to it
    network: str = ""  # of all groups
    rails: str = ""
    pinned: bool = False
    on_failure: str = ""
    wait_until: str = ""  # the latest end, where it may wait for a fit
    wait_until_fold: str = ""
    wait_auto: bool = False  # booked when its turn comes, not offered
    copied_from: str = ""
    preset: str = ""  # code of the preset it was filled in from
    preset_name: str = ""  # what this mix is to be saved as
    preset_purpose: str = ""
    groups: tuple[TypedGroup, ...] = (TypedGroup(),)
    unknown: Mapping[str, str] = field(default_factory=dict)
