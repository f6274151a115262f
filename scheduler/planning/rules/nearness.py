"""What R16 and R17 share: the NICs or the drives of a node lie where its accelerators lie.

*Near* is the same PRU (PXB) or, if asked for, the same switch (PIX): what does not go up to the host. A node without
accelerators is near by nature. A fixed system has no blocks but its accelerators; what else is built into it is near.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from fabric.topology import BlockFacts, HostFacts
from scheduler.planning.case import Case, Draft, Placed, Wish
from scheduler.planning.reach import chassis_of
from scheduler.planning.rules.base import PlacementRule, over, plural
from scheduler.planning.rules.model import Cell, Model, Node, Sum
from scheduler.refusals import Refusal, RefusalCode, Suggestion
from scheduler.requests import Affinity, Placement

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """What is to be near: its code, its key among the placements, its kind in the catalogue, its name for people."""

    code: RefusalCode
    key: str
    kind: str
    name: str
    affinity: Callable[[Placement], Affinity | None]
    least: Callable[[Wish], int]  # how many must be near
    built_in: Callable[[HostFacts], int]  # of a fixed system

    def rule(self) -> PlacementRule:
        return PlacementRule(self.code, self._violations, self._excess, self._encode)

    def _excess(self, case: Case, wish: Wish, host: HostFacts) -> float:
        return over(self.least(wish), self._at_most(case, wish, host)) if self._is_asked(wish) else 0.0

    def _is_asked(self, wish: Wish) -> bool:
        return self.affinity(wish.placement) is not None and wish.accelerators > 0

    def _at_most(self, case: Case, wish: Wish, host: HostFacts) -> int:
        """How many the node could have near at best, on this host."""
        if host.is_fixed:
            return self.built_in(host)
        return sum(ask.count for ask in wish.asks if self._is_one(case, ask.classes))

    def _is_one(self, case: Case, classes: Collection[str]) -> bool:
        known = case.topology.classes
        return any(known[code].kind == self.kind for code in classes if code in known)

    def _violations(self, case: Case, draft: Draft) -> Iterator[Refusal]:
        for placed in draft:
            if not self._is_asked(placed.wish):
                continue
            if self._excess(case, placed.wish, placed.host):
                yield self._too_few(case, placed)
            elif not placed.host.is_fixed:
                yield from self._far(case, placed)

    def _too_few(self, case: Case, placed: Placed) -> Refusal:
        need, have = self.least(placed.wish), self._at_most(case, placed.wish, placed.host)
        message = f"{plural(need, self.name)} must be near the accelerators of a node; it asks for {have:,}."
        return self._refusal(placed.wish, message, need, have, f"{self.name}s", tuple(self._line(case, placed)))

    def _line(self, case: Case, placed: Placed) -> Iterator[Suggestion]:
        """A line to add: of the kind that there is most of in the zone."""
        found = Counter(
            block.device_class
            for code, blocks in case.index.by_class.items()
            if self._is_one(case, (code,))
            for block in blocks
            if block.is_usable and block.zone == placed.host.zone
        )
        if found:
            code = max(found, key=lambda code: (found[code], code))
            yield Suggestion("line", f"Add a line of {case.name(code)}.", code)

    def _far(self, case: Case, placed: Placed) -> Iterator[Refusal]:
        wish, affinity = placed.wish, self.affinity(placed.wish.placement)
        one, many = ("switch", "switches") if affinity is Affinity.SWITCH else ("PRU", "PRUs")
        classes = case.topology.classes
        feeds = Counter(place_of(b, affinity) for b in placed.blocks if classes[b.device_class].kind == self.kind)
        fed = {place_of(b, affinity) for b in placed.blocks if classes[b.device_class].is_accelerator}
        need, have = len(fed), len(fed & feeds.keys())
        if feeds.total() < need:
            message = (
                f"The accelerators of a node span {need:,} {many}, each of which needs a {self.name}; it asks for "
            )
            more = Suggestion("count", f"Ask for {plural(need, self.name)} a node.", need)
            yield self._refusal(wish, f"{message}{feeds.total():,}.", need, feeds.total(), many, (more,))
        elif have < need:
            where = one if need == 1 else many
            message = f"The accelerators of a node span {need:,} {where}; {self.name}s of it are in {have:,} of them."
            yield self._refusal(wish, message, need, have, many, _weaker(affinity))
        elif (near := sum(feeds[place] for place in fed)) < self.least(wish):
            message = f"{plural(self.least(wish), self.name)} must be near the accelerators of a node; {near:,} are."
            yield self._refusal(wish, message, self.least(wish), near, f"{self.name}s", _weaker(affinity))

    def _refusal(
        self, wish: Wish, message: str, need: int, have: int, unit: str, suggestions: tuple[Suggestion, ...]
    ) -> Refusal:
        field = f"{wish.field}.placement.{self.key}"
        return Refusal(self.code, field, message, need, have, unit, suggestions=suggestions)

    def _encode(self, model: Model) -> None:
        """Where asks leave the class open, whether anything has to be near turns on what is taken."""
        for node in model.nodes:
            affinity = self.affinity(node.wish.placement)
            if affinity is not None:
                self._encode_node(model, node, affinity)

    def _encode_node(self, model: Model, node: Node, affinity: Affinity) -> None:
        """Where accelerators are taken, so is a feed; the near ones, counted only there, are enough."""
        classes, least = node.case.topology.classes, self.least(node.wish)
        accelerators = [cell for cell in model.cells(node) if classes[cell.one.device_class].is_accelerator]
        if not accelerators:
            return
        is_asked = Sum.of(model.holds(node, accelerators))
        model.at_most(is_asked, model.on_host(node, lambda host: self._may_bear(host, least)))
        places: dict[Place, tuple[list[Cell], list[Cell]]] = {}
        for cell in model.cells(node):
            facts = classes[cell.one.device_class]
            if cell.one.pru is not None and (facts.is_accelerator or facts.kind == self.kind):
                fed, feeds = places.setdefault(place_of(cell.one, affinity), ([], []))
                (fed if facts.is_accelerator else feeds).append(cell)
        near: list[Sum] = []
        for fed, feeds in places.values():
            if not fed:
                continue
            here, taken = model.holds(node, fed), model.takes(node, feeds)
            model.at_most(Sum.of(here), taken)
            counted = Sum.of(model.integer(least))
            model.at_most(counted, taken)
            model.at_most(counted, Sum.of(here, least))
            near.append(counted)
        model.bound(node, is_asked * least - Sum.total(near), lambda host: least if host.is_fixed else 0)

    def _may_bear(self, host: HostFacts, least: int) -> int:
        return int(not host.is_fixed or self.built_in(host) >= least)


def place_of(block: BlockFacts, affinity: Affinity | None) -> Place:
    chassis = chassis_of(block)
    return (chassis, block.switch) if affinity is Affinity.SWITCH else (chassis,)


def _weaker(affinity: Affinity | None) -> tuple[Suggestion, ...]:
    words = "Let them share a PRU instead of a switch."
    return (Suggestion("affinity", words, Affinity.PRU.value),) if affinity is Affinity.SWITCH else ()
