"""One snapshot, sorted for looking things up; made once and asked for every window that is tried. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from fabric.topology import BlockFacts, HostFacts, PoolTopology, PortFacts
from scheduler.planning.snapshot import Snapshot
from scheduler.planning.timeline import Timeline


class PoolIndex:
    """Inventory by class, host and bridge group, the draw of each rack at rest, and the timeline.

    Order of input is forgotten.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.topology: PoolTopology = snapshot.topology
        self.timeline = Timeline(snapshot.topology, snapshot.commitments)
        self.hosts: tuple[HostFacts, ...] = tuple(sorted(self.topology.hosts.values(), key=lambda host: host.code))
        self.by_class: dict[str, list[BlockFacts]] = defaultdict(list)
        self.bridge_sizes: dict[str, int] = defaultdict(int)
        self.fixed_sizes: dict[tuple[str, str], int] = defaultdict(int)  # (host, class) → devices, healthy or not
        for block in sorted(self.topology.blocks.values(), key=_where):
            self.by_class[block.device_class].append(block)
            if block.bridge_group is not None:
                self.bridge_sizes[block.bridge_group] += 1
            if block.pru is None and block.host is not None:
                self.fixed_sizes[block.host, block.device_class] += 1
        self.rack_rest_w = _rest_watts(self.topology)
        self.host_planes = {host.code: _by_plane(host.ports) for host in self.hosts}
        self.pru_planes = {pru.code: _by_plane(pru.uplinks) for pru in self.topology.prus.values()}

    def free(self, device_class: str, begin: datetime, end: datetime) -> tuple[BlockFacts, ...]:
        """Usable and owned by nobody for the whole span."""
        blocks = self.by_class.get(device_class, ())
        return tuple(b for b in blocks if b.is_usable and not self.timeline.is_busy(b.code, begin, end))


def _where(block: BlockFacts) -> tuple[str, str, int, str]:
    return (block.pru or block.host or "", block.slot_kind, block.slot, block.code)


def _by_plane(ports: Iterable[PortFacts]) -> Mapping[str, int]:
    return dict(Counter(port.plane for port in ports))


def _rest_watts(topology: PoolTopology) -> dict[str, int]:
    """What a rack draws with no device allocated: every host with its local devices, and every PRU (rule R14)."""
    rest: dict[str, int] = defaultdict(int)
    for host in topology.hosts.values():
        rest[host.rack] += host.base_w + host.local_w
    for pru in topology.prus.values():
        rest[pru.rack] += pru.base_w
    return rest
