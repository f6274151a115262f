"""Optical planes for the exact search: which plane each new link takes beside those promised already. Pure.

A link is a node's use of a port of its host and an uplink of a PRU for the node's whole life (see `links`).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import partial

from fabric.topology import HostFacts
from scheduler.planning.rules.fanout import reachable_prus
from scheduler.planning.rules.model import Model, Node, Sum, Var

By = Mapping[str, Sum]  # plane → 1 if the link is on it


class Planes:
    """The planes of the links of one model; those of PRUs with room on every plane need not be told apart."""

    def __init__(self, model: Model, crowded: Collection[str]) -> None:
        self._model = model
        self._crowded = crowded
        self._case = model.nodes[0].case
        self._planes = sorted({port.plane for node in model.nodes for host in node.hosts for port in host.ports})
        self._prus = {node: reachable_prus(model, node) for node in model.nodes}
        self._on_pru: defaultdict[str, dict[Node, By]] = defaultdict(dict)

    def state(self) -> None:
        fair = {pru: self._keeps_to_its_uplinks(pru) for pru in sorted(self._crowded)}
        for node in self._model.nodes:
            self._join(node, fair)
        for pru, links in self._on_pru.items():
            uplinks = self._case.index.pru_planes[pru]
            for plane in self._planes:
                held = partial(self._case.index.timeline.nodes_on_plane, pru, plane)
                self._model.share({node: link[plane] for node, link in links.items()}, uplinks.get(plane, 0), held)

    def _join(self, node: Node, fair: Mapping[str, Var]) -> None:
        """A node with more links than its host has ports is left to rule R3."""
        model, prus = self._model, self._prus[node]
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
            model.link(node, pru, link)
            self._on_pru[pru][node] = link
            links.append(link)
        for plane in self._planes:
            model.at_most(Sum.total(link[plane] for link in links), model.on_host(node, partial(_ports_on, plane)))

    def _keeps_to_its_uplinks(self, pru: str) -> Var:
        """0 only where more nodes would be joined than there are uplinks, which is left to rule R3."""
        model, is_fair = self._model, self._model.boolean()
        uplinks = len(self._case.topology.prus[pru].uplinks)
        nodes = [node for node in model.nodes if pru in self._prus[node]]
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


def _ports_on(plane: str, host: HostFacts) -> int:
    return sum(port.plane == plane for port in host.ports)
