"""Where things are: what can be composed together (rule R1), and the rack a device draws its power in (R14). Pure."""

from fabric.topology import BlockFacts, HostFacts, PoolTopology


def reach_of_block(block: BlockFacts) -> str:
    """Rule R1 as a name: what has the same one can be composed together."""
    return f"host {block.host}" if block.pru is None else f"zone {block.zone}" if block.zone else "nowhere"


def reach_of_host(host: HostFacts) -> str:
    """A host in no zone reaches nothing, not even blocks in no zone."""
    return f"host {host.code}" if host.is_fixed or host.zone is None else f"zone {host.zone}"


def chassis_of(block: BlockFacts) -> str:
    """The PRU it stands in, or the host it is fixed in."""
    return block.pru or block.host or ""


def slot_order(block: BlockFacts) -> tuple[str, str, int, str]:
    """The order in which blocks are told and taken: chassis by chassis, slot by slot."""
    return (chassis_of(block), block.slot_kind, block.slot, block.code)


def rack_of(topology: PoolTopology, block: BlockFacts) -> str:
    """Where a device draws its power: in the rack of its PRU, or of its own host for a fixed system."""
    if block.pru is not None:
        return topology.prus[block.pru].rack
    return topology.hosts[block.host or ""].rack
