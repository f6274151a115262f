"""Which optical plane each link takes: a port of the host and an uplink of the PRU on one plane, for the node's
whole life. Pure.

Counting ports is not enough: two free uplinks on plane 0 are of no use to a host whose free ports end on plane 1.
Nor is one instant enough, since a circuit is not moved while it is in use. So every link from now on that could
compete is given a plane, the new ones with those already promised, by an exact search in order of time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scheduler.planning.case import Case
from scheduler.planning.timeline import Link

LINK_STEPS_MAX = 20_000  # planes tried in one search; beyond it the links count as impossible
NEW = ""  # no reservation has an empty code

Joined = Sequence[tuple[str, tuple[str, ...]]]  # host and the PRUs it is to be joined to


def can_link(case: Case, joined: Joined) -> bool:
    """Hosts or PRUs with more links than ports in all are left to rule R3 and not judged here."""
    judged = _within_counts(case, joined)
    if _is_roomy(case, judged):
        return True
    new = [
        Link(NEW, node, host, pru, case.busy_from, case.busy_until)
        for node, (host, prus) in enumerate(judged)
        for pru in prus
    ]
    return _Colouring(case, sorted([*_competing(case, new), *new], key=_in_time)).succeeds()


def _within_counts(case: Case, joined: Joined) -> Joined:
    nodes = Counter(pru for _, prus in joined for pru in prus)
    full = {
        pru for pru, count in nodes.items() if case.nodes_on_pru(pru) + count > len(case.topology.prus[pru].uplinks)
    }
    kept = [(host, tuple(p for p in prus if p not in full)) for host, prus in joined]
    return [(host, prus) for host, prus in kept if len(prus) <= len(case.topology.hosts[host].ports)]


def _is_roomy(case: Case, joined: Joined) -> bool:
    """Enough: every plane of the hosts alone could serve all the nodes a PRU ever has at once in this window."""
    nodes = Counter(pru for _, prus in joined for pru in prus)
    for host, prus in joined:
        planes = case.index.host_planes[host]
        for pru in prus:
            uplinks = case.index.pru_planes[pru]
            if any(uplinks.get(plane, 0) < case.nodes_on_pru(pru) + nodes[pru] for plane in planes):
                return False
    return True


def _competing(case: Case, new: Sequence[Link]) -> list[Link]:
    """Links from now on that share a PRU with the new ones, or a node with such a link, and so on."""
    later = [
        link for link in case.index.timeline.links if link.busy_until > case.now and link.host in case.topology.hosts
    ]
    nodes_of: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
    prus_of: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    for link in later:
        nodes_of[link.pru].add((link.reservation, link.node))
        prus_of[link.reservation, link.node].add(link.pru)
    reached: set[tuple[str, int]] = set()
    seen, edge = set[str](), {link.pru for link in new}
    while edge:
        seen |= edge
        reached |= {node for pru in edge for node in nodes_of[pru]}
        edge = {pru for node in reached for pru in prus_of[node]} - seen
    return [link for link in later if (link.reservation, link.node) in reached]


def _in_time(link: Link) -> tuple[datetime, str, int, str]:
    return (link.busy_from, link.reservation, link.node, link.pru)


@dataclass
class _Colouring:
    """A plane for each link, in order of time, taking back the last choice where the next link finds none."""

    case: Case
    links: Sequence[Link]
    chosen: list[str] = field(default_factory=list)

    def succeeds(self) -> bool:
        untried: list[Iterator[str]] = []
        for _ in range(LINK_STEPS_MAX):
            if len(self.chosen) == len(self.links):
                return True
            if len(untried) == len(self.chosen):
                untried.append(self._planes(len(self.chosen)))
            plane = next(untried[-1], None)
            if plane is not None:
                self.chosen.append(plane)
                continue
            untried.pop()
            if not self.chosen:
                return False
            self.chosen.pop()
        return False

    def _planes(self, at: int) -> Iterator[str]:
        """Planes this link may take beside those chosen before it, the emptiest first."""
        link = self.links[at]
        left = dict(self.case.index.host_planes[link.host])
        uplinks = dict(self.case.index.pru_planes[link.pru])
        for other, plane in zip(self.links[:at], self.chosen, strict=True):
            if (other.reservation, other.node) == (link.reservation, link.node):
                left[plane] -= 1
            if other.pru == link.pru and other.busy_until > link.busy_from:
                uplinks[plane] = uplinks.get(plane, 0) - 1
        return iter(
            sorted(
                (p for p in left if left[p] > 0 and uplinks.get(p, 0) > 0), key=lambda p: _emptiest(uplinks, left, p)
            )
        )


def _emptiest(uplinks: Mapping[str, int], left: Mapping[str, int], plane: str) -> tuple[int, int, str]:
    return (-uplinks[plane], -left[plane], plane)
