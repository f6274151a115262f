"""What does not change with time: every unit as one bit, and masks of those that belong together. Pure.

Made once for an inventory and kept. Hosts have the lowest bits, by code; then come the blocks class by class, so that
the bits of a class are a run of their own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import compress

from fabric.topology import BlockFacts, HostFacts, PoolTopology, PortFacts
from scheduler.planning.layout import Layout
from scheduler.planning.reach import chassis_of, rack_of, reach_of_block, reach_of_host, slot_order

_ZERO_AND_ONE = bytes.maketrans(b"01", b"\x00\x01")


class Shape:
    """`units[bit]` are the facts of a bit; the lists `racks`, `watts`, `classes` and `prus` speak of bits too.

    Order of input is forgotten. Masks hold units in any condition; `usable` are the healthy ones.
    """

    def __init__(self, topology: PoolTopology) -> None:
        self.topology = topology
        self.hosts: tuple[HostFacts, ...] = tuple(sorted(topology.hosts.values(), key=lambda host: host.code))
        self.by_class: dict[str, list[BlockFacts]] = defaultdict(list)
        self.bridge_sizes: dict[str, int] = defaultdict(int)
        self.fixed_sizes: dict[tuple[str, str], int] = defaultdict(int)  # (host, class) → devices, healthy or not
        for block in sorted(topology.blocks.values(), key=slot_order):
            self.by_class[block.device_class].append(block)
            if block.bridge_group is not None:
                self.bridge_sizes[block.bridge_group] += 1
            if block.pru is None and block.host is not None:
                self.fixed_sizes[block.host, block.device_class] += 1
        self.rack_rest_w = _rest_watts(topology)
        self.host_planes = {host.code: _by_plane(host.ports) for host in self.hosts}
        self.pru_planes = {pru.code: _by_plane(pru.uplinks) for pru in topology.prus.values()}
        self.layout = Layout(topology)
        self._number()
        self._sort_into_masks()

    def holds_the_same_units(self, other: "Shape") -> bool:
        """Whether a timeline of the other one is as true of this: what may differ is their condition."""
        return (
            self.keys == other.keys
            and self.racks == other.racks
            and self.watts == other.watts
            and self.classes == other.classes
            and self.prus == other.prus
            and self.accelerators == other.accelerators
            and self.topology.policy.slot_minutes == other.topology.policy.slot_minutes
        )

    def units_in(self, mask: int) -> tuple[BlockFacts | HostFacts, ...]:
        """The facts of every bit that is set, in the order of bits."""
        if not mask:
            return ()
        first = (mask & -mask).bit_length() - 1
        flags = bin(mask >> first)[:1:-1].encode().translate(_ZERO_AND_ONE)
        return tuple(compress(self.units[first : first + len(flags)], flags))

    def _number(self) -> None:
        blocks = [block for code in sorted(self.by_class) for block in self.by_class[code]]
        self.units: tuple[BlockFacts | HostFacts, ...] = (*self.hosts, *blocks)
        self.bit_of: dict[tuple[bool, str], int] = {}
        for bit, unit in enumerate(self.units):
            self.bit_of[isinstance(unit, HostFacts), unit.code] = bit
        classes = self.topology.classes
        self.keys: tuple[tuple[bool, str], ...] = tuple(self.bit_of)
        self.racks = tuple(u.rack if isinstance(u, HostFacts) else rack_of(self.topology, u) for u in self.units)
        self.classes = tuple("" if isinstance(u, HostFacts) else u.device_class for u in self.units)
        self.watts = tuple(classes[code].tdp_w if code else 0 for code in self.classes)
        self.accelerators = tuple(bool(code) and classes[code].is_accelerator for code in self.classes)
        self.prus = tuple(None if isinstance(u, HostFacts) else u.pru for u in self.units)

    def _sort_into_masks(self) -> None:
        self.usable = 0
        self.class_masks: dict[tuple[str, str], int] = defaultdict(int)
        self.chassis_masks: dict[tuple[str, str], int] = defaultdict(int)
        self.host_masks: dict[str, int] = defaultdict(int)
        for bit, unit in enumerate(self.units):
            one = 1 << bit
            self.usable |= one if unit.is_usable else 0
            if isinstance(unit, HostFacts):
                self.host_masks[reach_of_host(unit)] |= one
            else:
                self.class_masks[unit.device_class, reach_of_block(unit)] |= one
                self.chassis_masks[unit.device_class, chassis_of(unit)] |= one


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
