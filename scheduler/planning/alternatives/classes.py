"""Another class of the same kind, at least as good, cheapest first. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fabric.topology import DeviceClassFacts
from scheduler.limits import CLASS_TRIES_MAX
from scheduler.planning.alternatives.changing import LinePlace, alternative, blamed, with_line, with_mix
from scheduler.planning.alternatives.tries import Tries
from scheduler.planning.index import PoolIndex
from scheduler.refusals import Alternative, Refusal
from scheduler.requests import Line, ReservationRequest

# What must not become less; an attribute that the class asked for does not publish is not compared.
AT_LEAST = (
    "memory_gib",
    "memory_bandwidth_gbytes_per_s",
    "dense_bf16_tflops",
    "capacity_gb",
    "network_gbit_per_s",
    "has_rdma",
)


def other_class(*, request: ReservationRequest, refusals: Sequence[Refusal], tries: Tries) -> Alternative | None:
    """Tried for each line that is blamed, one at a time: two lines of other classes would be another mix."""
    tries.begin(CLASS_TRIES_MAX)
    for place in blamed(request.mix, refusals):
        for facts in as_good_as(place.of(request.mix).device_class, tries.index):
            changed = with_mix(request, with_line(request.mix, place, _of_class(place.of(request.mix), facts)))
            if tries.fits(changed):
                return alternative(
                    kind="class", message=_words(request, place, facts, tries.index), asked=request, granted=changed
                )
            if tries.is_used_up:
                return None
    return None


def as_good_as(code: str, index: PoolIndex) -> Iterator[DeviceClassFacts]:
    """The cheapest first, those without a rate last. Nothing for a class of which the pool knows nothing."""
    asked = index.topology.classes.get(code)
    if asked is None:
        return
    others = (
        facts for facts in index.topology.classes.values() if facts.code != code and index.by_class.get(facts.code)
    )
    yield from sorted((facts for facts in others if _is_as_good(facts, asked)), key=_price)


def _is_as_good(facts: DeviceClassFacts, asked: DeviceClassFacts) -> bool:
    if facts.kind != asked.kind:
        return False
    return all(_published(facts, name) >= _published(asked, name) for name in AT_LEAST)


def _published(facts: DeviceClassFacts, name: str) -> float:
    """What is not published is the least there can be: enough for none, and more than none is asked."""
    value = facts.memory_gib if name == "memory_gib" else facts.attributes.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _price(facts: DeviceClassFacts) -> tuple[bool, object, int, str]:
    return (facts.rate_usd_per_hour is None, facts.rate_usd_per_hour or 0, facts.tdp_w, facts.code)


def _of_class(line: Line, facts: DeviceClassFacts) -> Line:
    """A cap above what the other class draws at most would be no cap."""
    cap = line.power_cap_w
    return replace(line, device_class=facts.code, power_cap_w=cap if cap is not None and cap < facts.tdp_w else None)


def _words(request: ReservationRequest, place: LinePlace, facts: DeviceClassFacts, index: PoolIndex) -> str:
    line = place.of(request.mix)
    instead = index.topology.classes[line.device_class].name
    return f"{line.count} × {facts.name} instead of {instead}, in the same window."
