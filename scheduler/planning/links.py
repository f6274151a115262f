"""Which optical plane each new link takes: a port of the host and an uplink of the PRU on one plane (rule R2). Pure.

Counting ports is not enough: two free uplinks on plane 0 are of no use to a host whose free ports end on plane 1. A
circuit is not moved while it is in use, so the plane of a link is promised with the plan, as its blocks are.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scheduler.planning.case import Case

LINK_STEPS_MAX = 20_000  # planes tried in one search; beyond it the links count as impossible

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
    """Link after link, the emptiest plane first, taking back the last choice where the next link finds none."""

    case: Case
    joined: Joined
    steps_left: int = LINK_STEPS_MAX
    ports: list[Counter[str]] = field(default_factory=list)  # of each node, left by plane
    uplinks: dict[tuple[str, str], int] = field(default_factory=dict)  # by PRU and plane, left
    chosen: list[dict[str, str]] = field(default_factory=list)

    def run(self) -> Planes | None:
        self.ports = [Counter(self.case.index.host_planes[host]) for host, _ in self.joined]
        self.chosen = [{} for _ in self.joined]
        links = [(node, pru) for node, (_, prus) in enumerate(self.joined) for pru in prus]
        return self.chosen if self._choose(links, 0) else None

    def _choose(self, links: Sequence[tuple[int, str]], at: int) -> bool:
        if at == len(links):
            return True
        node, pru = links[at]
        for plane in self._open(node, pru):
            self.steps_left -= 1
            if self.steps_left < 0:
                return False
            self._take(node, pru, plane, 1)
            if self._choose(links, at + 1):
                return True
            self._take(node, pru, plane, -1)
        return False

    def _open(self, node: int, pru: str) -> list[str]:
        ports = self.ports[node]
        planes = [plane for plane in ports if ports[plane] > 0 and self._left(pru, plane) > 0]
        return sorted(planes, key=lambda plane: (-self._left(pru, plane), -ports[plane], plane))

    def _left(self, pru: str, plane: str) -> int:
        if (pru, plane) not in self.uplinks:
            held = self.case.nodes_on_plane(pru, plane)
            self.uplinks[pru, plane] = self.case.index.pru_planes[pru].get(plane, 0) - held
        return self.uplinks[pru, plane]

    def _take(self, node: int, pru: str, plane: str, by: int) -> None:
        self.ports[node][plane] -= by
        self.uplinks[pru, plane] -= by
        if by > 0:
            self.chosen[node][pru] = plane
        else:
            del self.chosen[node][pru]
