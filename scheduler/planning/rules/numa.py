"""R19: a node's links end at one socket of its host where that is possible. A preference: never a reason to refuse.

Affinities need no word of their own here: what R15 to R17 ask to be near is in one PRU, behind one port.
"""

from collections.abc import Iterator

from scheduler.planning.case import Case, Draft
from scheduler.planning.links import planes_for
from scheduler.planning.rules.fanout import prus_of
from scheduler.planning.sockets import NONE_YET, sockets_of
from scheduler.refusals import RefusalCode


def warnings(case: Case, draft: Draft) -> Iterator[str]:
    """One for each node whose PRUs are reached through ports of several sockets, on the planes the plan settles."""
    joined = [(placed.host.code, prus_of(placed)) for placed in draft]
    if all(len(prus) < 2 for _, prus in joined):
        return
    planes = planes_for(case, joined) or [NONE_YET] * len(draft)
    for placed, chosen in zip(draft, planes, strict=True):
        by_pru = sockets_of(case.topology, placed, chosen)
        sockets = len(set(by_pru.values()))
        if sockets > 1:
            yield (
                f"{RefusalCode.NUMA_SPLIT}: Node {placed.wish.index + 1} on {placed.host.code} reaches its "
                f"{len(by_pru)} PRUs through ports of {sockets} sockets; what goes between them crosses the sockets."
            )
