"""One snapshot, sorted for looking things up, and asked for every window that is tried. Pure."""

from collections.abc import Iterable
from datetime import datetime

from fabric.topology import BlockFacts, HostFacts, PoolTopology
from scheduler.planning.shape import Shape
from scheduler.planning.snapshot import Snapshot
from scheduler.planning.timeline import Committed, Timeline


class PoolIndex:
    """The shape of the inventory and the timeline of what is committed.

    Commitments that are a kept timeline's are not sorted again: its shape and the timeline itself are taken over.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        held = snapshot.commitments
        if isinstance(held, Committed) and held.timeline.shape.topology is snapshot.topology:
            self._look_at(snapshot, held.timeline)
        else:
            self._look_at(snapshot, Timeline(snapshot.topology, held))

    def _look_at(self, snapshot: Snapshot, timeline: Timeline) -> None:
        self.snapshot = snapshot
        self.timeline = timeline
        self.shape: Shape = timeline.shape
        self.topology: PoolTopology = snapshot.topology
        self.hosts = self.shape.hosts
        self.by_class = self.shape.by_class
        self.bridge_sizes = self.shape.bridge_sizes
        self.fixed_sizes = self.shape.fixed_sizes
        self.rack_rest_w = self.shape.rack_rest_w
        self.host_planes = self.shape.host_planes
        self.pru_planes = self.shape.pru_planes
        self.bit_of = self.shape.bit_of
        self.units = self.shape.units
        self.usable = self.shape.usable
        self.class_masks = self.shape.class_masks
        self.chassis_masks = self.shape.chassis_masks
        self.host_masks = self.shape.host_masks
        self.layout = self.shape.layout
        self._busy: dict[tuple[datetime, datetime], int] = {}

    def busy(self, begin: datetime, end: datetime) -> int:
        """Of the timeline; the same span is worked out once."""
        if (begin, end) not in self._busy:
            self._busy[begin, end] = self.timeline.busy(begin, end)
        return self._busy[begin, end]

    def free(self, device_class: str, begin: datetime, end: datetime) -> tuple[BlockFacts, ...]:
        """Usable and owned by nobody for the whole span."""
        blocks = self.by_class.get(device_class)
        if not blocks:
            return ()
        first = self.bit_of[False, blocks[0].code]
        mine = ((1 << len(blocks)) - 1) << first
        found = self.shape.units_in(mine & self.usable & ~self.busy(begin, end))
        return tuple(unit for unit in found if isinstance(unit, BlockFacts))

    def free_hosts(self, begin: datetime, end: datetime) -> tuple[HostFacts, ...]:
        """Usable and owned by nobody for the whole span."""
        found = self.shape.units_in(((1 << len(self.hosts)) - 1) & self.usable & ~self.busy(begin, end))
        return tuple(unit for unit in found if isinstance(unit, HostFacts))

    def without(self, reservations: Iterable[str]) -> "PoolIndex":
        """The same with what these reservations hold left out. This one stays as it is; nothing large is copied."""
        timeline = self.timeline.fork()
        for reservation in set(reservations):
            timeline.remove_reservation(reservation)
        return self._with(timeline)

    def leaving_out(self, units: Iterable[tuple[bool, str]]) -> "PoolIndex":
        """The same as if these units were out of service too."""
        other = self.without(())
        for unit in units:
            if unit in other.bit_of:
                other.usable &= ~(1 << other.bit_of[unit])
        return other

    def _with(self, timeline: Timeline) -> "PoolIndex":
        other = object.__new__(PoolIndex)
        other._look_at(self.snapshot, timeline)
        other.usable = self.usable
        return other
