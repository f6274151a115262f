"""One decision's matter: the wish for each node, the padded window, and what is free in it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from fabric.topology import BlockFacts, DeviceClassFacts, HostFacts, PoolTopology
from scheduler.planning.index import PoolIndex
from scheduler.planning.window import pad, setup_seconds
from scheduler.requests import Group, Mix, Placement, Window

UNKNOWN_BAR_GIB = 1  # an unpublished BAR counts as this much (rule R5)


@dataclass(frozen=True)
class Wish:
    """What one node asks for: `need` is device class → count, `fields` is device class → path in the request."""

    index: int  # over the whole mix
    group: int
    role: str
    need: Mapping[str, int]
    fields: Mapping[str, str]
    placement: Placement
    accelerators: int
    mmio_gib: float
    families: tuple[str, ...]
    peers: frozenset[str]  # the classes that same_pru and same_switch speak of

    @property
    def field(self) -> str:
        return f"mix[{self.group}]"

    @property
    def devices(self) -> int:
        return sum(self.need.values())


@dataclass(frozen=True, slots=True)
class Placed:
    """One wish with its host and its blocks."""

    wish: Wish
    host: HostFacts
    blocks: tuple[BlockFacts, ...]


Draft = Sequence[Placed]


class Case:
    """Everything the rules and the search may look at for one request in one window."""

    def __init__(
        self,
        *,
        wishes: Sequence[Wish],
        window: Window,
        project: str,
        index: PoolIndex,
        busy: tuple[datetime, datetime] | None = None,
    ) -> None:
        """`busy` is the padded window of a plan made earlier; else it is worked out from the pool's policy and now."""
        self.wishes = wishes
        self.window = window
        self.project = project
        self.index = index
        self.topology: PoolTopology = index.topology
        self.now = index.snapshot.now
        padded = busy or pad(window=window, policy=self.topology.policy, now=self.now)
        self.busy_from, self.busy_until = padded

    @cached_property
    def free(self) -> Mapping[str, tuple[BlockFacts, ...]]:
        """Blocks of every class asked for that are usable and nobody's over the padded window."""
        return {code: self.index.free(code, self.busy_from, self.busy_until) for code in self.totals}

    @cached_property
    def free_by_reach(self) -> Mapping[str, Mapping[str, Sequence[BlockFacts]]]:
        """The same by class and by what reaches them: a zone, or the fixed system they belong to."""
        sorted_out: dict[str, dict[str, list[BlockFacts]]] = {code: defaultdict(list) for code in self.free}
        for code, blocks in self.free.items():
            for block in blocks:
                sorted_out[code][reach_of_block(block)].append(block)
        return sorted_out

    @cached_property
    def totals(self) -> Mapping[str, int]:
        """Devices asked for over all nodes, by class, in the order of the request."""
        sums: dict[str, int] = defaultdict(int)
        for wish in self.wishes:
            for code, count in wish.need.items():
                sums[code] += count
        return sums

    @cached_property
    def setup_seconds(self) -> int:
        """What is left of it now, which for a plan made earlier is less than it was."""
        return setup_seconds(starts_at=self.window.starts_at, busy_from=max(self.busy_from, self.now))

    @cached_property
    def free_hosts(self) -> frozenset[str]:
        usable = (host.code for host in self.index.hosts if host.is_usable)
        busy = self.index.timeline.is_busy
        return frozenset(code for code in usable if not busy(code, self.busy_from, self.busy_until, is_host=True))

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """Where each class is asked for first."""
        return {code: path for wish in reversed(self.wishes) for code, path in wish.fields.items()}

    def name(self, device_class: str) -> str:
        facts = self.topology.classes.get(device_class)
        return facts.name if facts else device_class

    def rack_watts(self, rack: str) -> int:
        """Draw of a rack at the worst instant of the padded window, before this request."""
        return self.index.rack_rest_w.get(rack, 0) + self.index.timeline.rack_watts(
            rack, self.busy_from, self.busy_until
        )

    def nodes_on_pru(self, pru: str) -> int:
        return self.index.timeline.nodes_on_pru(pru, self.busy_from, self.busy_until)


def reach_of_block(block: BlockFacts) -> str:
    """Rule R1 as a name: what has the same one can be composed together."""
    return f"host {block.host}" if block.pru is None else f"zone {block.zone}" if block.zone else "nowhere"


def reach_of_host(host: HostFacts) -> str:
    """A host in no zone reaches nothing, not even blocks in no zone."""
    return f"host {host.code}" if host.is_fixed or host.zone is None else f"zone {host.zone}"


def wishes_of(mix: Mix, classes: Mapping[str, DeviceClassFacts]) -> tuple[Wish, ...]:
    """One wish a node; lines of the same class are one need."""
    wishes: list[Wish] = []
    for at, group in enumerate(mix.groups):
        first = len(wishes)
        wishes += [_wish(first + nth, at, group, classes) for nth in range(group.nodes)]
    return tuple(wishes)


def _wish(index: int, at: int, group: Group, classes: Mapping[str, DeviceClassFacts]) -> Wish:
    need: dict[str, int] = defaultdict(int)
    fields: dict[str, str] = {}
    for nth, line in enumerate(group.lines):
        need[line.device_class] += line.count
        fields.setdefault(line.device_class, f"mix[{at}].lines[{nth}].count")
    return make_wish(
        index=index,
        group=at,
        role=group.role,
        need=dict(need),
        fields=fields,
        placement=group.placement,
        classes=classes,
    )


def make_wish(
    *,
    index: int,
    group: int,
    role: str,
    need: Mapping[str, int],
    fields: Mapping[str, str],
    placement: Placement,
    classes: Mapping[str, DeviceClassFacts],
) -> Wish:
    """Sums that depend on the classes alone are made once here; classes the pool does not know count for nothing."""
    known = [(classes[code], count) for code, count in need.items() if code in classes]
    accelerators = [(facts, count) for facts, count in known if facts.is_accelerator]
    return Wish(
        index=index,
        group=group,
        role=role,
        need=need,
        fields=fields,
        placement=placement,
        accelerators=sum(count for _, count in accelerators),
        mmio_gib=sum(bar_gib(facts) * count for facts, count in known),
        families=tuple(sorted({facts.driver_family for facts, _ in accelerators})),
        peers=_peers(facts for facts, _ in accelerators) or frozenset(need),
    )


def bar_gib(facts: DeviceClassFacts) -> float:
    return UNKNOWN_BAR_GIB if facts.bar_gib is None else facts.bar_gib


def _peers(accelerators: Iterable[DeviceClassFacts]) -> frozenset[str]:
    """Paths between devices are asked for accelerators.

    NICs and drives have affinities of their own (rules R15 to R17).
    """
    return frozenset(facts.code for facts in accelerators)
