"""Ask for each kind of change in turn, and put what was found beside the refusals it answers. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from scheduler.limits import ALTERNATIVE_BLOCKS_MAX
from scheduler.planning.alternatives import caps, classes, counts, cures, starts, zones
from scheduler.planning.alternatives.changing import LinePlace, iso
from scheduler.planning.alternatives.tries import Tries
from scheduler.planning.index import PoolIndex
from scheduler.planning.openings import Openings
from scheduler.planning.sentences import in_utc
from scheduler.refusals import Alternative, Refusal, RefusalCode, Suggestion
from scheduler.requests import ReservationRequest

Less = tuple[Alternative, LinePlace, int]
Answer = tuple[tuple[Refusal, ...], tuple[Alternative, ...]]


def look_around(*, request: ReservationRequest, index: PoolIndex, refusals: Sequence[Refusal]) -> Answer:
    """The refusals with their suggestions, and the alternatives as a list of their own: the nearest in time first."""
    codes = {refusal.code for refusal in refusals}
    if RefusalCode.SEARCH_LIMIT in codes and _is_dear(request, index):
        return tuple(refusals), ()
    tries = Tries(index)
    later, before = _in_time(request, tries, codes)
    less = counts.smaller(request=request, refusals=refusals, tries=tries) if codes <= cures.BY_LESS else None
    other = classes.other_class(request=request, refusals=refusals, tries=tries) if codes <= cures.BY_CLASS else None
    zone = zones.other_zone(request=request, tries=tries) if codes <= cures.BY_ZONE else None
    is_power = bool(codes & cures.OF_POWER) and codes <= cures.BY_CAP
    cap = caps.power_cap(request=request, refusals=refusals, tries=tries) if is_power else None
    found = (later, before, less[0] if less else None, other, zone, cap)
    answered = tuple(_with_suggestions(refusal, later, less) for refusal in refusals)
    return answered, tuple(one for one in found if one is not None)


def _is_dear(request: ReservationRequest, index: PoolIndex) -> bool:
    """So many nodes in so large a pool that each further try would take as long as the search that was given up."""
    return request.mix.node_count * len(index.topology.blocks) > ALTERNATIVE_BLOCKS_MAX


def _in_time(
    request: ReservationRequest, tries: Tries, codes: Collection[RefusalCode]
) -> tuple[Alternative | None, Alternative | None]:
    """Nothing where the pool could not hold the mix even with everything free."""
    is_later, is_earlier = cures.BY_TIME.issuperset(codes), cures.BY_EARLIER.issuperset(codes)
    if not (is_later or is_earlier):
        return None, None
    openings = Openings(mix=request.mix, index=tries.index)
    if openings.is_hopeless:
        return None, None
    return (
        starts.later(request=request, tries=tries, openings=openings) if is_later else None,
        starts.before(request=request, tries=tries, openings=openings) if is_earlier else None,
    )


def _with_suggestions(refusal: Refusal, later: Alternative | None, less: Less | None) -> Refusal:
    added = []
    if later is not None and later.starts_at is not None and refusal.code in cures.BY_TIME:
        added.append(Suggestion("start", f"It fits from {in_utc(later.starts_at)} on.", iso(later.starts_at)))
    if less is not None and refusal.code in cures.BY_LESS and not any(s.value == less[2] for s in refusal.suggestions):
        added.append(Suggestion("count", f"A count of {less[2]} fits in this window.", less[2]))
    return replace(refusal, suggestions=(*refusal.suggestions, *added)) if added else refusal
