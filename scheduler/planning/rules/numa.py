"""R19: a node's links end at one socket of its host where that is possible. A preference: never a reason to refuse.

Affinities need no word of their own here: what R15 to R17 ask to be near is in one PRU, behind one port.
"""

from collections.abc import Iterator

from scheduler.planning.case import Case, Draft
from scheduler.planning.sockets import sockets_of
from scheduler.refusals import RefusalCode


def warnings(case: Case, draft: Draft) -> Iterator[str]:
    """One for each node whose PRUs need ports of several sockets."""
    for placed in draft:
        joined = sockets_of(case.topology, placed)
        sockets = len(set(joined.values()))
        if sockets > 1:
            yield (
                f"{RefusalCode.NUMA_SPLIT}: Node {placed.wish.index + 1} on {placed.host.code} reaches its "
                f"{len(joined)} PRUs through ports of {sockets} sockets; what goes between them crosses the sockets."
            )
