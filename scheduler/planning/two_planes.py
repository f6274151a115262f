"""Links over two planes at most: a flow tells exactly whether there is a way, however full they are. Pure.

Each link is on the first plane or on the second. A host bears so many links on each, so the number of its links on the
first lies between two bounds; so does that of a PRU. That is a flow from hosts to PRUs with bounds on either side, and
whole numbers go in, so whole numbers come out (Hoffman's circulation theorem; Ford and Fulkerson, 1956).
"""

from collections import defaultdict, deque
from collections.abc import Hashable, Mapping, Sequence

Bounds = tuple[int, int]  # links on the first plane: at least, at most
Edge = tuple[int, str]  # node, PRU
SOURCE, SINK, FROM, INTO = "source", "sink", "from", "into"


def first_plane_links(
    links: Sequence[Edge], nodes: Mapping[int, Bounds], prus: Mapping[str, Bounds]
) -> frozenset[Edge] | None:
    """The links that go over the first plane, None if there is no way."""
    if any(least > most for least, most in (*nodes.values(), *prus.values())):
        return None
    flow = _Flow()
    for node, (least, most) in nodes.items():
        flow.add(FROM, node, most - least)
        flow.demand(FROM, node, least)
    for pru, (least, most) in prus.items():
        flow.add(pru, INTO, most - least)
        flow.demand(pru, INTO, least)
    for node, pru in links:
        flow.add(node, pru, 1)
    flow.add(INTO, FROM, len(links))
    if flow.push() < sum(least for least, _ in (*nodes.values(), *prus.values())):
        return None
    return frozenset((node, pru) for node, pru in links if flow.left[node, pru] == 0)


class _Flow:
    """Shortest augmenting paths (Edmonds and Karp, 1972), one unit at a time: there are few hundred links at most."""

    def __init__(self) -> None:
        self.left: defaultdict[tuple[Hashable, Hashable], int] = defaultdict(int)
        self._next: defaultdict[Hashable, dict[Hashable, None]] = defaultdict(dict)

    def add(self, begin: Hashable, end: Hashable, most: int) -> None:
        self.left[begin, end] += most
        self._next[begin][end] = self._next[end][begin] = None

    def demand(self, begin: Hashable, end: Hashable, least: int) -> None:
        """That at least so much goes along an edge: from the source to its end, and from its beginning to the sink."""
        if least:
            self.add(SOURCE, end, least)
            self.add(begin, SINK, least)

    def push(self) -> int:
        pushed = 0
        while (path := self._path()) is not None:
            for begin, end in path:
                self.left[begin, end] -= 1
                self.left[end, begin] += 1
            pushed += 1
        return pushed

    def _path(self) -> Sequence[tuple[Hashable, Hashable]] | None:
        came: dict[Hashable, Hashable] = {SOURCE: SOURCE}
        waiting: deque[Hashable] = deque([SOURCE])
        while waiting and SINK not in came:
            here = waiting.popleft()
            for there in self._next[here]:
                if there not in came and self.left[here, there] > 0:
                    came[there] = here
                    waiting.append(there)
        if SINK not in came:
            return None
        path: list[tuple[Hashable, Hashable]] = []
        at: Hashable = SINK
        while at != SOURCE:
            path.append((came[at], at))
            at = came[at]
        return path
