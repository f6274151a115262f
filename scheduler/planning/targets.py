"""The window that is guarded for the first of those that wait: the one it is likeliest to get. Pure."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.limits import GUARD_STARTS_MAX, SEARCH_STEPS_QUICK_MAX
from scheduler.planning.attempts import plan_or_none
from scheduler.planning.horizon import Horizon
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.search import SearchLimit
from scheduler.planning.snapshot import QuotaFacts
from scheduler.planning.stays import to_instant
from scheduler.planning.timeline import Committed, Timeline
from scheduler.refusals import Refusal, RefusalCode
from scheduler.requests import ReservationRequest, Window

MINUTE = timedelta(minutes=1)
OWN_LIMITS = frozenset(
    {RefusalCode.QUOTA_DEVICES, RefusalCode.QUOTA_HOURS, RefusalCode.BUDGET, RefusalCode.PRIORITY_LIMIT}
)


@dataclass(frozen=True, slots=True)
class Target:
    """`in_the_way` are the reservations that would have to give something back before it begins."""

    plan: Plan
    in_the_way: tuple[str, ...]


def is_own_limit(refusals: Collection[Refusal]) -> bool:
    """Whether its own project's ceiling stands in its way: then nothing is kept from others for it."""
    return any(one.code in OWN_LIMITS for one in refusals)


def target(
    *, request: ReservationRequest, index: PoolIndex, duration: timedelta, not_before: datetime, not_after: datetime
) -> Target | None:
    """None: not even with everything given back.

    What is in the way is weighed against how long there still is for it to end early or be withdrawn: a window that is
    as full and later is the better one to keep. If an earlier one comes free as a whole, that one is taken anyway.

    `index` is without its own guard. A handful of starts is tried: the first, and those at which something is given
    back, spread over the dates. No ceiling of a project is asked: that is what `is_own_limit` is for.
    """
    horizon = Horizon.of(mix=request.mix, index=index, duration=duration, not_before=not_before, not_after=not_after)
    best: tuple[float, Plan] | None = None
    for starts_at in _starts(horizon):
        wish = replace(request, window=Window(starts_at=starts_at, ends_at=starts_at + duration))
        plan = _with_least_in_its_way(wish, index, horizon.padded(starts_at))
        if plan is not None:
            left = max(starts_at - index.snapshot.now, MINUTE)
            burden = sum(_shares(index.timeline, plan).values()) / (left / MINUTE)
            best = (burden, plan) if best is None or burden < best[0] else best
    return None if best is None else Target(best[1], tuple(sorted(_shares(index.timeline, best[1]))))


def _starts(horizon: Horizon) -> Sequence[datetime]:
    """In order of time."""
    if horizon.first > horizon.last:
        return ()
    setup = timedelta(minutes=horizon.index.topology.policy.setup_minutes)
    ends = horizon.index.timeline.ends_in(horizon.first - setup, horizon.last - setup)
    starts = sorted({horizon.first, *(ended + setup for ended in ends)})
    return starts[:: -(-len(starts) // GUARD_STARTS_MAX)]


def _with_least_in_its_way(wish: ReservationRequest, index: PoolIndex, busy: tuple[datetime, datetime]) -> Plan | None:
    """As few as can be of those in its window thought away, the least in the way first: how many, by halving."""
    others = _by_weight(index.timeline, *busy)
    plan = _plan_without(wish, index, others)
    least, most = 0, len(others)
    while plan is not None and least < most:
        middle = (least + most) // 2
        tried = _plan_without(wish, index, others[:middle])
        if tried is None:
            least = middle + 1
        else:
            plan, most = tried, middle
    return plan


def _by_weight(timeline: Timeline, begin: datetime, end: datetime) -> list[str]:
    """Reservations of that time, by how much of it they take; a maintenance is never thought away."""
    first, last = to_instant(begin), to_instant(end)
    weights: defaultdict[str, int] = defaultdict(int)
    for stay in timeline.all_stays():
        if not stay.is_maintenance and stay.begin < last and first < stay.end:
            weights[stay.reservation] += (min(stay.end, last) - max(stay.begin, first)) * len(stay.bits)
    return sorted(weights, key=lambda code: (weights[code], code))


def _plan_without(wish: ReservationRequest, index: PoolIndex, others: Collection[str]) -> Plan | None:
    around = index.without(others)
    seen = replace(index.snapshot, quota=QuotaFacts(wish.project), commitments=Committed(around.timeline))
    try:
        return plan_or_none(request=wish, index=PoolIndex(seen), steps_max=SEARCH_STEPS_QUICK_MAX)
    except SearchLimit:
        return None


def _shares(timeline: Timeline, plan: Plan) -> dict[str, int]:
    """What each reservation takes of a plan's units in its time."""
    first, last = to_instant(plan.busy_from), to_instant(plan.busy_until)
    bit_of, mine = timeline.shape.bit_of, 0
    for node in plan.nodes:
        for key in ((True, node.host), *((False, block) for block in node.blocks)):
            mine |= 1 << bit_of[key]
    shares: dict[str, int] = {}
    for stay in timeline.all_stays():
        common = (stay.mask & mine).bit_count() if stay.begin < last and first < stay.end else 0
        if common:
            time = min(stay.end, last) - max(stay.begin, first)
            shares[stay.reservation] = shares.get(stay.reservation, 0) + common * time
    return shares
