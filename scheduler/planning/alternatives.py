"""What would fit instead.

The next free start and a smaller count, each proven by the planner before it is offered. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from scheduler.limits import (
    ALTERNATIVE_BLOCKS_MAX,
    ALTERNATIVE_DOUBTS_MAX,
    COUNT_TRIES_MAX,
    NEXT_FREE_TRIES_MAX,
    SEARCH_STEPS_QUICK_MAX,
)
from scheduler.planning.attempts import plan_or_none
from scheduler.planning.index import PoolIndex
from scheduler.planning.search import SearchLimit
from scheduler.refusals import Alternative, Refusal, Suggestion
from scheduler.refusals import RefusalCode as Code
from scheduler.requests import Mix, ReservationRequest

CURED_BY_TIME = frozenset(
    {
        Code.NO_FREE_HOST,
        Code.ZONE_MISMATCH,
        Code.NO_FABRIC_PORT,
        Code.PRU_FANOUT,
        Code.DEVICE_BUSY,
        Code.UNIT_INDIVISIBLE,
        Code.BRIDGE_SPLIT,
        Code.P2P_PATH,
        Code.RACK_POWER,
        Code.RACK_COOLING,
        Code.NEEDS_REBOOT,
        Code.QUOTA_DEVICES,
        Code.LEAD_TIME,
    }
)
CURED_BY_LESS = frozenset(
    {
        Code.HOST_SLOT_LIMIT,
        Code.MMIO_EXHAUSTED,
        Code.ZONE_MISMATCH,
        Code.HOST_FANOUT,
        Code.NO_FABRIC_PORT,
        Code.PRU_FANOUT,
        Code.DEVICE_BUSY,
        Code.DEVICE_UNAVAILABLE,
        Code.UNIT_INDIVISIBLE,
        Code.BRIDGE_SPLIT,
        Code.P2P_PATH,
        Code.RACK_POWER,
        Code.RACK_COOLING,
        Code.QUOTA_DEVICES,
        Code.NO_FREE_HOST,
    }
)
Answer = tuple[tuple[Refusal, ...], tuple[Alternative, ...]]


def look_around(*, request: ReservationRequest, index: PoolIndex, refusals: Sequence[Refusal]) -> Answer:
    """The refusals with their suggestions, and the alternatives as a list of their own."""
    codes = {refusal.code for refusal in refusals}
    start = next_start(request=request, index=index) if codes <= CURED_BY_TIME else None
    less = _smaller(request, index, refusals) if codes <= CURED_BY_LESS else None
    answered = tuple(_with_suggestions(refusal, start, less) for refusal in refusals)
    return answered, tuple(_alternatives(request, index, start, less))


def next_start(*, request: ReservationRequest, index: PoolIndex) -> datetime | None:
    """The first later start at which the same mix fits for as long.

    Something can only change where a commitment ends.
    """
    length = request.window.ends_at - request.window.starts_at
    tries = _Tries(index, NEXT_FREE_TRIES_MAX)
    for start in _candidate_starts(request, index):
        window = replace(request.window, starts_at=start, ends_at=start + length, is_now=False)
        later = replace(request, window=window)
        fits = tries.fits(later)
        if fits or fits is None:
            return start if fits else None
    return None


class _Tries:
    """So many and no more: fewer in a pool so large that each takes long, and none after a few that ended in doubt."""

    def __init__(self, index: PoolIndex, most: int) -> None:
        self._index = index
        self._left = max(1, min(most, ALTERNATIVE_BLOCKS_MAX // max(1, len(index.topology.blocks))))
        self._doubts_left = ALTERNATIVE_DOUBTS_MAX

    def fits(self, request: ReservationRequest) -> bool | None:
        """None once the tries are used up."""
        if not self._left or not self._doubts_left:
            return None
        self._left -= 1
        try:
            return plan_or_none(request=request, index=self._index, steps_max=SEARCH_STEPS_QUICK_MAX) is not None
        except SearchLimit:
            self._doubts_left -= 1
            return False


def _candidate_starts(request: ReservationRequest, index: PoolIndex) -> list[datetime]:
    """Set-up beginning the instant a unit is given back; and the soonest start that has its lead and any reboot."""
    policy, now = index.topology.policy, index.snapshot.now
    setup = timedelta(minutes=policy.setup_minutes)
    starts = {one.busy_until + setup for one in index.snapshot.commitments if one.busy_until > now}
    starts |= {now + max(setup, timedelta(minutes=policy.min_lead_minutes))}
    starts |= {now + timedelta(seconds=host.reboot_seconds) for host in index.hosts if not host.hot_add}
    return sorted(start for start in starts if start > request.window.starts_at)


def _smaller(request: ReservationRequest, index: PoolIndex, refusals: Sequence[Refusal]) -> tuple[str, int] | None:
    """The largest smaller count of the one line that is blamed; None if several lines are, or nothing smaller fits."""
    blamed = {refusal.field for refusal in refusals}
    lines = list(_lines(request.mix))
    named = [line for line in lines if line[0] in blamed] or (lines if len(lines) == 1 else [])
    if len(named) != 1:
        return None
    path, group, line = named[0]
    asked = request.mix.groups[group].lines[line].count
    shares = request.mix.groups[group].nodes
    known = [
        int(r.have)
        for r in refusals
        if r.field == path and r.unit in {"devices", "accelerators"} and r.have is not None
    ]
    most = min([asked - 1, *(have if shares == 1 else asked - 1 for have in known)])
    tries = _Tries(index, COUNT_TRIES_MAX)
    for count in range(most, 0, -1):
        fits = tries.fits(replace(request, mix=_with_count(request.mix, group, line, count)))
        if fits or fits is None:
            return (path, count) if fits else None
    return None


def _lines(mix: Mix) -> Iterator[tuple[str, int, int]]:
    for at, group in enumerate(mix.groups):
        for nth in range(len(group.lines)):
            yield f"mix[{at}].lines[{nth}].count", at, nth


def _with_count(mix: Mix, group: int, line: int, count: int) -> Mix:
    groups = list(mix.groups)
    lines = list(groups[group].lines)
    lines[line] = replace(lines[line], count=count)
    groups[group] = replace(groups[group], lines=tuple(lines))
    return Mix(tuple(groups))


def _with_suggestions(refusal: Refusal, start: datetime | None, less: tuple[str, int] | None) -> Refusal:
    added = []
    if start is not None and refusal.code in CURED_BY_TIME:
        added.append(Suggestion("start", f"It fits from {_in_words(start)} on.", _iso(start)))
    if less is not None and refusal.code in CURED_BY_LESS and not any(s.value == less[1] for s in refusal.suggestions):
        added.append(Suggestion("count", f"A count of {less[1]} fits in this window.", less[1]))
    return replace(refusal, suggestions=(*refusal.suggestions, *added)) if added else refusal


def _alternatives(
    request: ReservationRequest, index: PoolIndex, start: datetime | None, less: tuple[str, int] | None
) -> Iterator[Alternative]:
    window = request.window
    if start is not None:
        ends_at = start + (window.ends_at - window.starts_at)
        yield Alternative("start", f"The same from {_in_words(start)} to {_in_words(ends_at)}.", start, ends_at)
    if less is not None:
        path, count = less
        group, line = next((group, line) for field, group, line in _lines(request.mix) if field == path)
        facts = index.topology.classes[request.mix.groups[group].lines[line].device_class]
        yield Alternative("count", f"{count} × {facts.name} in the same window.", window.starts_at, window.ends_at)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _in_words(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
