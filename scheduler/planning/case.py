"""One decision's matter: the wish for each node, the padded window, and what is free in it. Pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from datetime import datetime
from functools import cached_property

from fabric.topology import BlockFacts, DeviceClassFacts, HostFacts, PoolTopology
from scheduler.planning.index import PoolIndex
from scheduler.planning.vacancy import Vacancy
from scheduler.planning.window import pad, setup_seconds, turnaround
from scheduler.requests import Placement, Window
from scheduler.states import Priority

UNKNOWN_BAR_GIB = 1  # an unpublished BAR counts as this much (rule R5)


@dataclass(frozen=True)
class Ask:
    """One line of one node (or all lines of slices of one class), as devices.

    `classes` are those it accepts, best first; the greedy search takes the first, the exact search any, mixed if need
    be. `slices` are MIG profile → count; `count` is then of the cards they are packed on.
    """

    field: str  # path of its count in the request
    classes: tuple[str, ...]
    count: int
    slices: Mapping[str, int] = made(default_factory=dict)
    power_cap_w: int | None = None
    blocks: frozenset[str] | None = None  # only these, where a selector asks for more than a class

    def accepts(self, block: BlockFacts) -> bool:
        return (
            block.device_class in self.classes
            and (self.blocks is None or block.code in self.blocks)
            and (not self.slices or (block.is_mig_capable and block.is_settable))
        )


@dataclass(frozen=True)
class Wish:
    """What one node asks for: `need` is device class → count, `fields` is device class → path in the request.

    Both speak of the first class of every ask; the sums below are made of them too.
    """

    index: int  # over the whole mix
    group: int
    role: str
    asks: tuple[Ask, ...]
    need: Mapping[str, int]
    fields: Mapping[str, str]
    placement: Placement
    accelerators: int
    mmio_gib: float
    families: tuple[str, ...]
    peers: frozenset[str]  # the classes that same_pru and same_switch speak of
    network: str | None = None  # RDMA network asked for, by the group or the mix
    rails: int | None = None  # RDMA ports asked for, by the group or the mix

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
        priority: Priority = Priority.NORMAL,
        charged_from: datetime | None = None,
    ) -> None:
        """`busy` is the padded window of the whole request, or of a plan made earlier; else that of these wishes.

        `charged_from` is when these wishes begin to cost hours, where others of the same reservation did before.
        """
        self.wishes = wishes
        self.window = window
        self.project = project
        self.priority = priority
        self.charged_from = charged_from or window.starts_at
        self.index = index
        self.topology: PoolTopology = index.topology
        self.now = index.snapshot.now
        padded = busy or self._padded()
        self.busy_from, self.busy_until = padded
        self.vacancy = Vacancy(index, *padded)
        self._peaks: dict[tuple[str, ...], int] = {}

    def _padded(self) -> tuple[datetime, datetime]:
        clean_up = turnaround(classes=self.asked_classes, topology=self.topology).length
        return pad(window=self.window, policy=self.topology.policy, now=self.now, clean_up=clean_up)

    def asking(self, wishes: Sequence[Wish]) -> "Case":
        """Other wishes in the same window: what is free in it is not worked out again."""
        other = Case(
            wishes=wishes,
            window=self.window,
            project=self.project,
            index=self.index,
            busy=(self.busy_from, self.busy_until),
            priority=self.priority,
            charged_from=self.charged_from,
        )
        other.vacancy, other._peaks = self.vacancy, self._peaks
        return other

    @cached_property
    def free(self) -> Mapping[str, Sequence[BlockFacts]]:
        """Blocks of every class asked for that are usable and nobody's: for reasons, not for searching."""
        return {code: self._free_of(code) for code in self.asked_classes}

    def _free_of(self, code: str) -> Sequence[BlockFacts]:
        by_reach = self.index.layout.reaches(code)
        names = dict.fromkeys(name for names in by_reach.values() for name in names)
        return tuple(block for name in names for block in self.vacancy.blocks(code, name))

    @cached_property
    def asked_classes(self) -> Sequence[str]:
        """Every class any line accepts, in the order of the request."""
        return tuple(dict.fromkeys(code for wish in self.wishes for ask in wish.asks for code in ask.classes))

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
        return frozenset(host.code for host in self.index.hosts if self.vacancy.has_host(host.code))

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """Where each class is asked for first."""
        return {code: path for wish in reversed(self.wishes) for code, path in wish.fields.items()}

    def name(self, device_class: str) -> str:
        facts = self.topology.classes.get(device_class)
        return facts.name if facts else device_class

    def rack_watts(self, rack: str) -> int:
        """Draw of a rack at the worst instant of the padded window, before this request."""
        return self.index.rack_rest_w.get(rack, 0) + self._peak(self.index.timeline.rack_watts, rack)

    def nodes_on_pru(self, pru: str) -> int:
        return self._peak(self.index.timeline.nodes_on_pru, pru)

    def nodes_on_plane(self, pru: str, plane: str) -> int:
        return self._peak(self.index.timeline.nodes_on_plane, pru, plane)

    def _peak(self, ask: Callable[..., int], *about: str) -> int:
        """Over the padded window; asked again and again by the search and every rule."""
        key = (ask.__name__, *about)
        if key not in self._peaks:
            self._peaks[key] = ask(*about, self.busy_from, self.busy_until)
        return self._peaks[key]


def bar_gib(facts: DeviceClassFacts) -> float:
    return UNKNOWN_BAR_GIB if facts.bar_gib is None else facts.bar_gib
