"""Optical planes for the exact search: which plane each new link takes, together with those already promised. Pure.

A link is a node's use of a port of its host and an uplink of a PRU for the node's whole life (see `links`). Promised
links may be led over other planes, but each stays on one, so those that are present together with a new link, and those
present together with them, and so on, are chosen anew with it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from fabric.topology import BlockFacts, HostFacts
from scheduler.planning.rules.fanout import reachable_prus
from scheduler.planning.rules.model import Model, Node, Sum, Var
from scheduler.planning.timeline import Link
from scheduler.refusals import RefusalCode

COMPETING_LINKS_MAX = 400  # beyond it only links that meet the new ones are looked at, and the rest is not proven
By = Mapping[str, Sum]  # plane → 1 if the link is on it
Name = tuple[str, int, str]  # of a link: reservation, node, PRU


class Planes:
    """The planes of the links of one model."""

    def __init__(self, model: Model, crowded: Collection[str]) -> None:
        self._model = model
        self._crowded = crowded
        self._case = model.nodes[0].case
        self._planes = sorted(
            {port.plane for node in model.nodes for host in node.hosts for port in host.ports}
            | {plane for pru in crowded for plane in self._case.index.pru_planes[pru]}
        )
        self._on_pru: defaultdict[str, list[tuple[datetime, datetime, By]]] = defaultdict(list)

    def state(self) -> None:
        fair = {pru: self._keeps_to_its_uplinks(pru) for pru in sorted(self._crowded)}
        for node in self._model.nodes:
            self._join(node, fair)
        for links in _by_node(self._competing()).values():
            self._keep(links)
        for pru, present in self._on_pru.items():
            self._bound(pru, present)

    def _join(self, node: Node, fair: Mapping[str, Var]) -> None:
        """A node with more links than its host has ports is left to rule R3."""
        model, prus = self._model, reachable_prus(self._model, node)
        used = Sum.total(Sum.of(model.uses(node, pru)) for pru in prus)
        is_judged = model.boolean()
        model.bound(node, used - Sum.of(~is_judged, len(prus)), lambda host: len(host.ports))
        ports = model.on_host(node, lambda host: len(host.ports))
        model.at_most(ports + 1, used, only_if=(~is_judged,))
        links: list[By] = []
        for pru in (pru for pru in prus if pru in self._crowded):
            link = {plane: Sum.of(model.boolean()) for plane in self._planes}
            model.at_most(Sum.total(link.values()), Sum.of(model.uses(node, pru)))
            model.at_most(Sum.of(model.uses(node, pru)), Sum.total(link.values()), only_if=(is_judged, fair[pru]))
            self._on_pru[pru].append((*node.span, link))
            links.append(link)
        for plane in self._planes:
            model.at_most(Sum.total(link[plane] for link in links), model.on_host(node, partial(_ports_on, plane)))

    def _keeps_to_its_uplinks(self, pru: str) -> Var:
        """0 only where more nodes would be joined than there are uplinks, which is left to rule R3."""
        model, is_fair = self._model, self._model.boolean()
        uplinks = len(self._case.topology.prus[pru].uplinks)
        nodes = [node for node in model.nodes if pru in reachable_prus(model, node)]
        over = []
        for begin in sorted({node.span[0] for node in nodes}):
            present = [node for node in nodes if node.span[0] <= begin < node.span[1]]
            end = min(node.span[1] for node in present)
            left = uplinks - self._case.index.timeline.nodes_on_pru(pru, begin, end)
            is_over = model.boolean()
            joined = Sum.total(Sum.of(model.uses(node, pru)) for node in present)
            model.at_most(Sum(constant=left + 1), joined, only_if=(is_over,))
            over.append(Sum.of(is_over))
        model.at_most(Sum(constant=1), Sum.total([Sum.of(is_fair), *over]))
        return is_fair

    def _competing(self) -> Sequence[Link]:
        """Promised links that share an instant of a PRU with the new ones, or a node with such a link, and so on."""
        nodes = self._model.nodes
        edge = {(pru, *node.span) for node in nodes for pru in reachable_prus(self._model, node)}
        edge = {(pru, begin, end) for pru, begin, end in edge if pru in self._crowded}
        found: dict[Name, Link] = {}
        while edge and len(found) <= COMPETING_LINKS_MAX:
            met = {_node_of(link) for span in edge for link in self._present(*span)}
            new = [link for name in sorted(met) for link in self._links_of(*name) if _name_of(link) not in found]
            found.update({_name_of(link): link for link in new})
            edge = {(link.pru, link.busy_from, link.busy_until) for link in new}
        if not edge:
            return list(found.values())
        self._model.simplify(RefusalCode.NO_FABRIC_PORT)
        return ()

    def _present(self, pru: str, begin: datetime, end: datetime) -> Iterator[Link]:
        hosts = self._case.topology.hosts
        return (link for link in self._case.index.timeline.links_on(pru, begin, end) if link.host in hosts)

    def _links_of(self, reservation: str, node: int) -> Iterator[Link]:
        timeline, units = self._case.index.timeline, self._case.index.units
        held = (units[bit] for stay in timeline.stays(reservation) if stay.node == node for bit in stay.bits)
        prus = {unit.pru for unit in held if isinstance(unit, BlockFacts) and unit.pru is not None}
        return (
            link for pru in sorted(prus) for link in timeline.links_on(pru) if _node_of(link) == (reservation, node)
        )

    def _keep(self, links: Sequence[Link]) -> None:
        """Promised links of one node."""
        chosen: list[By] = []
        for link in links:
            by_plane = {plane: Sum.of(self._model.boolean()) for plane in self._planes}
            self._model.equal(Sum.total(by_plane.values()), 1)
            self._on_pru[link.pru].append((link.busy_from, link.busy_until, by_plane))
            chosen.append(by_plane)
        ports = self._case.index.host_planes[links[0].host]
        for plane in self._planes:
            self._model.at_most(Sum.total(link[plane] for link in chosen), ports.get(plane, 0))

    def _bound(self, pru: str, links: Sequence[tuple[datetime, datetime, By]]) -> None:
        uplinks = self._case.index.pru_planes[pru]
        for at in sorted({begin for begin, _, _ in links}):
            present = [link for begin, end, link in links if begin <= at < end]
            for plane in self._planes:
                self._model.at_most(Sum.total(link[plane] for link in present), uplinks.get(plane, 0))


def _ports_on(plane: str, host: HostFacts) -> int:
    return sum(port.plane == plane for port in host.ports)


def _name_of(link: Link) -> Name:
    return (link.reservation, link.node, link.pru)


def _node_of(link: Link) -> tuple[str, int]:
    return (link.reservation, link.node)


def _by_node(links: Iterable[Link]) -> Mapping[tuple[str, int], Sequence[Link]]:
    nodes: defaultdict[tuple[str, int], list[Link]] = defaultdict(list)
    for link in links:
        nodes[_node_of(link)].append(link)
    return nodes
