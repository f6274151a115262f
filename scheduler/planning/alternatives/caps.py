"""The highest power cap with which it fits, where rack power, cooling or a slot refuses it (rule R14). Pure."""

from dataclasses import replace

from scheduler.planning.alternatives.changing import alternative, places, with_line, with_mix
from scheduler.planning.alternatives.tries import Tries
from scheduler.planning.index import PoolIndex
from scheduler.refusals import Alternative
from scheduler.requests import Line, Mix, ReservationRequest

STEPS_PERCENT = (90, 80, 70, 60, 50)  # of the TDP; below half of it a card does little work


def power_cap(*, request: ReservationRequest, tries: Tries) -> Alternative | None:
    tries.begin(len(STEPS_PERCENT))
    for percent in STEPS_PERCENT:
        mix = _capped(request.mix, percent, tries.index)
        if mix == request.mix:
            continue
        changed = with_mix(request, mix)
        if tries.fits(changed):
            message = f"{_words(mix, tries.index)}, in the same window."
            return alternative(kind="power_cap", message=message, asked=request, granted=changed)
    return None


def _capped(mix: Mix, percent: int, index: PoolIndex) -> Mix:
    """Every accelerator of a named class held to that share; a cap that is lower already stays."""
    for place in places(mix):
        line = place.of(mix)
        facts = index.topology.classes.get(line.device_class)
        if facts is not None and facts.is_accelerator:
            cap = facts.tdp_w * percent // 100
            mix = with_line(mix, place, _held_to(line, cap))
    return mix


def _held_to(line: Line, cap: int) -> Line:
    is_lower = line.power_cap_w is not None and line.power_cap_w <= cap
    return line if is_lower or cap < 1 else replace(line, power_cap_w=cap)


def _words(mix: Mix, index: PoolIndex) -> str:
    held = {}
    for place in places(mix):
        line = place.of(mix)
        if line.power_cap_w is not None and line.device_class in index.topology.classes:
            held[index.topology.classes[line.device_class].name] = line.power_cap_w
    return "Each " + " and each ".join(f"{name} held to {watts:,} W" for name, watts in held.items())
