"""From a plain mix to the wish of every node. Pure.

`first_of` is settled before (`planning.choices`); what a selector may be is given as its `Classes`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fabric.topology import DeviceClassFacts
from scheduler.planning.case import Ask, Wish, bar_gib
from scheduler.planning.slices import pack
from scheduler.requests import Group, Line, Mix, Placement

Place = tuple[int, int]  # a line: its group and its place in it


@dataclass(frozen=True, slots=True)
class Classes:
    """What a line may be granted: classes, best first, and of them only these blocks, if not all are meant."""

    codes: tuple[str, ...]
    blocks: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the lines of a mix came to: selectors as classes, and where a line stands in the request as it was sent."""

    classes: Mapping[Place, Classes] = field(default_factory=dict)
    paths: Mapping[Place, str] = field(default_factory=dict)

    def of(self, place: Place, line: Line) -> Classes:
        return self.classes.get(place) or Classes((line.device_class,))

    def path(self, place: Place) -> str:
        return self.paths.get(place) or f"mix[{place[0]}].lines[{place[1]}]"


AS_WRITTEN = Resolution()


def wishes_of(
    mix: Mix, classes: Mapping[str, DeviceClassFacts], resolution: Resolution = AS_WRITTEN
) -> tuple[Wish, ...]:
    """One wish a node; lines of the same class are one need, lines of slices of one class one ask."""
    wishes: list[Wish] = []
    for at, group in enumerate(mix.groups):
        first = make_wish(
            index=len(wishes),
            group=at,
            role=group.role,
            asks=_asks(at, group, classes, resolution),
            placement=group.placement,
            classes=classes,
            network=group.placement.network or mix.network,
            rails=group.placement.rails or mix.rails,
        )
        wishes += [first, *(replace(first, index=first.index + nth) for nth in range(1, group.nodes))]
    return tuple(wishes)


def _asks(at: int, group: Group, classes: Mapping[str, DeviceClassFacts], resolution: Resolution) -> tuple[Ask, ...]:
    asks: dict[object, Ask] = {}  # in the order of the request
    for nth, line in enumerate(group.lines):
        place = (at, nth)
        of = resolution.of(place, line)
        path = f"{resolution.path(place)}.count"
        if not line.profile:
            asks[place] = Ask(path, of.codes, line.count, power_cap_w=line.power_cap_w, blocks=of.blocks)
            continue
        key = (of, line.power_cap_w)
        known = asks.get(key) or Ask(path, of.codes, 0, power_cap_w=line.power_cap_w, blocks=of.blocks)
        slices = {**known.slices, line.profile: known.slices.get(line.profile, 0) + line.count}
        asks[key] = replace(known, slices=slices)
    return tuple(_on_cards(ask, classes) if ask.slices else ask for ask in asks.values())


def _on_cards(ask: Ask, classes: Mapping[str, DeviceClassFacts]) -> Ask:
    """As many cards as the first class needs; other classes stay only where they need no other number.

    A class that cannot be cut so keeps its slices, one a card: rule R11 says what is wrong.
    """
    cards = {code: cards_for(ask.slices, classes.get(code)) for code in ask.classes}
    count = cards[ask.classes[0]]
    return replace(ask, classes=tuple(code for code in ask.classes if cards[code] == count), count=count)


def cards_for(slices: Mapping[str, int], facts: DeviceClassFacts | None) -> int:
    """Whole cards that so many slices are packed on; they are held, counted and charged whole."""
    if facts is None or any(not facts.mig_profiles.get(name) for name in slices):
        return sum(slices.values())
    return len(pack(slices, facts))


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
