"""The largest smaller count of the one line that is blamed. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from scheduler.limits import COUNT_TRIES_MAX
from scheduler.planning.alternatives.changing import LinePlace, alternative, blamed, with_line, with_mix
from scheduler.planning.alternatives.tries import Tries
from scheduler.refusals import Alternative, Refusal
from scheduler.requests import ReservationRequest

_UNITS = frozenset({"devices", "accelerators"})


def smaller(
    *, request: ReservationRequest, refusals: Sequence[Refusal], tries: Tries
) -> tuple[Alternative, LinePlace, int] | None:
    """None if several lines are blamed, or nothing smaller fits."""
    found = blamed(request.mix, refusals)
    if len(found) != 1:
        return None
    place, line = found[0], found[0].of(request.mix)
    if line.first_of:
        return None
    tries.begin(COUNT_TRIES_MAX)
    for count in range(_most(request, place, refusals), 0, -1):
        changed = with_mix(request, with_line(request.mix, place, replace(line, count=count)))
        if tries.fits(changed):
            facts = tries.index.topology.classes.get(line.device_class)
            words = facts.name if facts else "devices the selector matches"
            message = f"{count} × {words} in the same window."
            return alternative(kind="count", message=message, asked=request, granted=changed), place, count
        if tries.is_used_up:
            break
    return None


def _most(request: ReservationRequest, place: LinePlace, refusals: Sequence[Refusal]) -> int:
    """Less than asked, and no more than a refusal says there is, where one node takes it all."""
    asked = place.of(request.mix).count
    if request.mix.groups[place.group].nodes > 1:
        return asked - 1
    known = [
        int(r.have) for r in refusals if r.field == f"{place.path}.count" and r.unit in _UNITS and r.have is not None
    ]
    return min([asked - 1, *known])
