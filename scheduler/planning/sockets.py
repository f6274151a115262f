"""Through which socket of its host a node reaches each of its PRUs, where the fewest are used. Pure.

A link joins a port of the host and an uplink on one optical plane (rule R2). Which of its ports on that plane a node
takes is nobody else's matter, so those of one socket are taken wherever they suffice (rule R19). A port of which nobody
said at which socket it is counts as of the first.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from types import MappingProxyType

from fabric.topology import PoolTopology, PortFacts
from scheduler.planning.case import Placed

NONE_YET: Mapping[str, str] = MappingProxyType({})


def sockets_of(
    topology: PoolTopology, placed: Placed, chosen_planes: Mapping[str, str] = NONE_YET
) -> Mapping[str, int]:
    """PRU → socket. Empty without PRUs, and where they could not be joined at all.

    `chosen_planes` is PRU → plane of its link, as far as it is settled.
    """
    prus = sorted({block.pru for block in placed.blocks if block.pru is not None})
    planes = [
        {chosen_planes[pru]} if pru in chosen_planes else {uplink.plane for uplink in topology.prus[pru].uplinks}
        for pru in prus
    ]
    sockets = sorted({_socket(port) for port in placed.host.ports})
    for few in range(1, len(sockets) + 1):
        for chosen in combinations(sockets, few):
            ports = [port for port in placed.host.ports if _socket(port) in chosen]
            joined = _join(planes, ports)
            if joined is not None:
                return {pru: _socket(port) for pru, port in zip(prus, joined, strict=True)}
    return {}


def _socket(port: PortFacts) -> int:
    return port.numa or 0


def _join(planes: Sequence[set[str]], ports: Sequence[PortFacts]) -> list[PortFacts] | None:
    """A port for each, none twice."""
    if not planes:
        return []
    for nth, port in enumerate(ports):
        if port.plane in planes[0]:
            rest = _join(planes[1:], [*ports[:nth], *ports[nth + 1 :]])
            if rest is not None:
                return [port, *rest]
    return None
