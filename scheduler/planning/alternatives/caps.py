"""The highest power cap with which it fits, where rack power, cooling or a slot refuses it (rule R14). Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from scheduler.planning.alternatives.changing import alternative, places, with_line, with_mix
from scheduler.planning.alternatives.cures import OF_POWER
from scheduler.planning.alternatives.tries import Tries
from scheduler.planning.index import PoolIndex
from scheduler.refusals import Alternative, Refusal
from scheduler.requests import Line, Mix, ReservationRequest

STEPS_PERCENT = (90, 80, 70, 60, 50)  # of the TDP; below half of it a card does little work
CAP_TRIES_MAX = 2 * len(STEPS_PERCENT)


def power_cap(*, request: ReservationRequest, refusals: Sequence[Refusal], tries: Tries) -> Alternative | None:
    """First what a refusal worked out, then step by step."""
    tries.begin(CAP_TRIES_MAX)
    stepped = (_capped(request.mix, percent, tries.index) for percent in STEPS_PERCENT)
    for mix in (*_suggested(request.mix, refusals), *stepped):
        changed = with_mix(request, mix)
        if mix != request.mix and tries.fits(changed):
            message = f"{_words(mix, tries.index)}, in the same window."
            return alternative(kind="power_cap", message=message, asked=request, granted=changed)
    return None


def _suggested(mix: Mix, refusals: Sequence[Refusal]) -> Iterator[Mix]:
    """The cap of the one line that is refused, exactly as high as the rack bears."""
    for refusal in refusals:
        for place in places(mix) if refusal.code in OF_POWER else ():
            watts = next((s.value for s in refusal.suggestions if s.kind == "power_cap"), None)
            if refusal.field == f"{place.path}.count" and isinstance(watts, int):
                yield with_line(mix, place, _held_to(place.of(mix), watts))


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
