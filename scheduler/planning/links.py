"""Which optical plane each new link takes: a port of the host and an uplink of the PRU on one plane (rule R2). Pure.

Counting ports is not enough: two free uplinks on plane 0 are of no use to a host whose free ports end on plane 1. A
circuit is not moved while it is in use, so the plane of a link is promised with the plan, as its blocks are.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scheduler.planning.case import Case
from scheduler.planning.two_planes import Bounds, Edge, first_plane_links

MOST_PLANES_OF_A_FLOW = 2
LINK_STEPS_MAX = 20_000  # planes tried in one search over three planes or more; beyond it the links are impossible

Joined = Sequence[tuple[str, tuple[str, ...]]]  # host and the PRUs it is to be joined to
Planes = Sequence[Mapping[str, str]]  # of each node, PRU → plane


def can_link(case: Case, joined: Joined) -> bool:
    return planes_for(case, joined) is not None


def planes_for(case: Case, joined: Joined) -> Planes | None:
    """A plane for every link beside those promised already, None if there is none.

    Hosts or PRUs with more links than ports in all are left to rule R3: such links get no plane and are not judged.
    """
    return _Choosing(case, within_counts(case, joined)).run()


def within_counts(case: Case, joined: Joined) -> Joined:
    nodes = Counter(pru for _, prus in joined for pru in prus)
    full = {
        pru for pru, count in nodes.items() if case.nodes_on_pru(pru) + count > len(case.topology.prus[pru].uplinks)
    }
    kept = [(host, tuple(p for p in prus if p not in full)) for host, prus in joined]
    return [(host, prus if len(prus) <= len(case.topology.hosts[host].ports) else ()) for host, prus in kept]


@dataclass
class _Choosing:
    """Link after link, the emptiest plane first; where that comes to an end, exactly."""

    case: Case
    joined: Joined
    ports: list[Counter[str]] = field(default_factory=list)  # of each node, left by plane
    uplinks: dict[tuple[str, str], int] = field(default_factory=dict)  # by PRU and plane, left

    def run(self) -> Planes | None:
        links = [(node, pru) for node, (_, prus) in enumerate(self.joined) for pru in prus]
        chosen = self._one_after_the_other(links, steps_max=len(links))
        if chosen is None:
            planes = sorted({plane for host, _ in self.joined for plane in self.case.index.host_planes[host]})
            chosen = (
                self._as_a_flow(links, planes)
                if len(planes) <= MOST_PLANES_OF_A_FLOW
                else self._one_after_the_other(links, steps_max=LINK_STEPS_MAX)
            )
        if chosen is None:
            return None
        return [{pru: chosen[node, pru] for pru in prus} for node, (_, prus) in enumerate(self.joined)]

    def _one_after_the_other(self, links: Sequence[Edge], *, steps_max: int) -> Mapping[Edge, str] | None:
        """Taking back the last choice where the next link finds no plane, as long as there are steps left."""
        self._begin()
        taken: list[str] = []
        untried: list[Iterator[str]] = []
        for _ in range(steps_max):
            if len(taken) == len(links):
                break
            if len(untried) == len(taken):
                untried.append(iter(self._open(*links[len(taken)])))
            plane = next(untried[-1], None)
            if plane is not None:
                self._take(*links[len(taken)], plane, 1)
                taken.append(plane)
                continue
            untried.pop()
            if not taken:
                return None
            self._take(*links[len(taken) - 1], taken.pop(), -1)
        return dict(zip(links, taken, strict=True)) if len(taken) == len(links) else None

    def _as_a_flow(self, links: Sequence[Edge], planes: Sequence[str]) -> Mapping[Edge, str] | None:
        self._begin()
        first, second = planes[0], planes[-1] if len(planes) > 1 else ""
        of_node, of_pru = Counter(node for node, _ in links), Counter(pru for _, pru in links)
        nodes = {node: (count - self.ports[node][second], self.ports[node][first]) for node, count in of_node.items()}
        prus = {pru: (count - self._left(pru, second), self._left(pru, first)) for pru, count in of_pru.items()}
        chosen = first_plane_links(
            links,
            {node: _within(bounds, of_node[node]) for node, bounds in nodes.items()},
            {pru: _within(bounds, of_pru[pru]) for pru, bounds in prus.items()},
        )
        return None if chosen is None else {link: first if link in chosen else second for link in links}

    def _begin(self) -> None:
        self.ports = [Counter(self.case.index.host_planes[host]) for host, _ in self.joined]
        self.uplinks = {}

    def _open(self, node: int, pru: str) -> list[str]:
        ports = self.ports[node]
        planes = [plane for plane in ports if ports[plane] > 0 and self._left(pru, plane) > 0]
        return sorted(planes, key=lambda plane: (-self._left(pru, plane), -ports[plane], plane))

    def _left(self, pru: str, plane: str) -> int:
        if (pru, plane) not in self.uplinks:
            there = self.case.index.pru_planes[pru].get(plane, 0)
            self.uplinks[pru, plane] = max(0, there - self.case.nodes_on_plane(pru, plane)) if there else 0
        return self.uplinks[pru, plane]

    def _take(self, node: int, pru: str, plane: str, by: int) -> None:
        self.ports[node][plane] -= by
        self.uplinks[pru, plane] -= by


def _within(bounds: Bounds, links: int) -> Bounds:
    least, most = bounds
    return max(0, least), min(most, links)
