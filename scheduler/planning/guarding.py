"""What is kept for the first of those that wait, so that a stream of small ones does not starve a large one. Pure.

A mix that fits somewhere between its dates gets that place at once, and nobody books over it. So whoever waits has no
window at all as things stand, and gets one only when others end early or are withdrawn. Its *target* is the window
it is likeliest to get (`targets`); whatever units of it are free, and become free, nobody of its own or a lower class
is given for that time. All else may be booked: the others are backfilled beside it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from scheduler.planning.plan import NodePlan, Plan
from scheduler.planning.stays import Stay, to_instant
from scheduler.planning.timeline import Timeline
from scheduler.states import IN_ORDER, Priority

Gaps = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Guard:
    """What is kept for one that waits: only units, and only from those who do not go before it."""

    reservation: str
    priority: Priority
    plan: Plan

    def is_kept_from(self, asker: Priority) -> bool:
        return IN_ORDER.index(asker) >= IN_ORDER.index(self.priority)


def with_guards(timeline: Timeline, guards: Collection[Guard], *, asker: Priority, now: datetime) -> Timeline:
    """What is committed, and what is kept from this asker. The stays have the code of the reservation that waits."""
    meant = [one for one in guards if one.is_kept_from(asker) and one.plan.busy_until > now]
    if not meant:
        return timeline
    made = timeline.fork()
    for guard in meant:
        made.add_stays([stay for node in guard.plan.nodes for stay in _free_of(node, guard, timeline)])
    return made


def _free_of(node: NodePlan, guard: Guard, timeline: Timeline) -> Iterator[Stay]:
    """The units of a node for the times at which nobody has them: no unit is ever counted twice."""
    begin, end = to_instant(guard.plan.busy_from), to_instant(guard.plan.busy_until)
    together: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for key in ((True, node.host), *((False, block) for block in node.blocks)):
        bit = timeline.shape.bit_of.get(key)
        if bit is not None:
            for gap in _gaps(timeline.spans(bit), begin, end):
                together[gap].append(bit)
    for (first, last), bits in together.items():
        yield Stay(guard.reservation, "", node.index, node.host, first, last, tuple(bits))


def _gaps(spans: Iterable[tuple[int, int]], begin: int, end: int) -> Gaps:
    """What of `[begin, end)` none of the sorted spans covers."""
    found, at = [], begin
    for first, last in spans:
        if first >= end:
            break
        if first > at:
            found.append((at, first))
        at = max(at, last)
    return tuple([*found, (at, end)] if at < end else found)
