"""From a mix to the wish of every node. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from fabric.topology import DeviceClassFacts
from scheduler.planning.case import Ask, Wish, bar_gib
from scheduler.requests import Mix, Placement


def wishes_of(mix: Mix, classes: Mapping[str, DeviceClassFacts]) -> tuple[Wish, ...]:
    """One wish a node; lines of the same class are one need. Selectors and `first_of` are resolved before."""
    wishes: list[Wish] = []
    for at, group in enumerate(mix.groups):
        asks = tuple(
            Ask(f"mix[{at}].lines[{nth}].count", (line.device_class,), line.count, power_cap_w=line.power_cap_w)
            for nth, line in enumerate(group.lines)
        )
        first = make_wish(
            index=len(wishes),
            group=at,
            role=group.role,
            asks=asks,
            placement=group.placement,
            classes=classes,
            network=group.placement.network or mix.network,
            rails=group.placement.rails or mix.rails,
        )
        wishes += [replace(first, index=first.index + nth) for nth in range(group.nodes)]
    return tuple(wishes)


def make_wish(
    *,
    index: int,
    group: int,
    role: str,
    asks: Sequence[Ask],
    placement: Placement,
    classes: Mapping[str, DeviceClassFacts],
    network: str | None = None,
    rails: int | None = None,
) -> Wish:
    """Sums that depend on the classes alone are made once here; classes the pool does not know count for nothing."""
    need: dict[str, int] = defaultdict(int)
    fields: dict[str, str] = {}
    for ask in asks:
        need[ask.classes[0]] += ask.count
        fields.setdefault(ask.classes[0], ask.field)
    known = [(classes[code], count) for code, count in need.items() if code in classes]
    accelerators = [(facts, count) for facts, count in known if facts.is_accelerator]
    return Wish(
        index=index,
        group=group,
        role=role,
        asks=tuple(asks),
        need=dict(need),
        fields=fields,
        placement=placement,
        accelerators=sum(count for _, count in accelerators),
        mmio_gib=sum(bar_gib(facts) * count for facts, count in known),
        families=tuple(sorted({facts.driver_family for facts, _ in accelerators})),
        peers=_peers(facts for facts, _ in accelerators) or frozenset(need),
        network=network,
        rails=rails,
    )


def _peers(accelerators: Iterable[DeviceClassFacts]) -> frozenset[str]:
    """Paths between devices are asked for accelerators.

    NICs and drives have affinities of their own (rules R15 to R17).
    """
    return frozenset(facts.code for facts in accelerators)
