"""R11: slices are cut from cards that the pool allows to be cut, in layouts that the card knows.

A host takes whole cards, so the slices of one card share its host, and nobody else's slice is in use when the layout is
set. A node's slices are packed on the fewest cards (`planning.slices`); the ask counts those.
"""

from collections import Counter
from collections.abc import Iterator

from fabric.topology import DeviceClassFacts
from scheduler.planning.assigning import assign
from scheduler.planning.case import Ask, Case, Draft, Placed
from scheduler.planning.rules.base import PlacementRule, plural
from scheduler.planning.rules.model import Cell, Model, Node
from scheduler.planning.rules.settable import is_unsettable
from scheduler.planning.slices import pack
from scheduler.refusals import Refusal, RefusalCode, Suggestion


def is_cuttable(ask: Ask, facts: DeviceClassFacts | None) -> bool:
    """Whether the slices go on as many cards of this class as the ask counts."""
    if facts is None or not all(facts.mig_profiles.get(name) for name in ask.slices):
        return False
    return len(pack(ask.slices, facts)) <= ask.count


def impossible(case: Case) -> Iterator[Refusal]:
    """What no placement could cure: a class without the profile, or too few cards of it that may be cut and are free.

    Cards that are short whether cut or not are told as such by R8 and R22.
    """
    need: Counter[str] = Counter()
    asks: dict[str, Ask] = {}
    for wish in case.wishes:
        for ask in wish.asks:
            if ask.slices and len(ask.classes) == 1:
                need[ask.classes[0]] += ask.count
                asks.setdefault(ask.classes[0], ask)
    for code, cards in need.items():
        ask, facts = asks[code], case.topology.classes.get(code)
        if is_unsettable(case, ask):
            continue
        if facts is not None and not is_cuttable(ask, facts):
            yield _no_profile(ask, facts)
        elif (free := _free_capable(case, ask)) < cards <= len(case.free[code]):
            yield _too_few(case, ask, code, cards, free)


def _free_capable(case: Case, ask: Ask) -> int:
    return sum(ask.accepts(block) for code in ask.classes for block in case.free[code])


def _no_profile(ask: Ask, facts: DeviceClassFacts) -> Refusal:
    missing = next((name for name in ask.slices if not facts.mig_profiles.get(name)), next(iter(ask.slices)))
    known = f"it has {', '.join(facts.mig_profiles)}" if facts.mig_profiles else "it cannot be cut"
    return Refusal(
        code=RefusalCode.MIG_LAYOUT,
        field=ask.field,
        message=f"{facts.name} has no profile {missing}: {known}.",
        need=sum(ask.slices.values()),
        have=0,
        unit="slices",
    )


def _too_few(case: Case, ask: Ask, code: str, need: int, have: int) -> Refusal:
    return Refusal(
        code=RefusalCode.MIG_LAYOUT,
        field=ask.field,
        message=(
            f"The slices need {plural(need, 'card')} of {case.name(code)} that may be cut; {have:,} are free for the "
            "whole window, set-up and clean-up included."
        ),
        need=need,
        have=have,
        unit="cards",
        suggestions=tuple(_fewer(case, ask, code, have)),
    )


def _fewer(case: Case, ask: Ask, code: str, cards: int) -> Iterator[Suggestion]:
    """As many slices as the free cards hold, for one node that asks for slices of one kind."""
    most = case.topology.classes[code].mig_profiles
    if len(ask.slices) == 1 and len(case.wishes) == 1 and cards:
        (name,) = ask.slices
        yield Suggestion("count", f"Ask for {plural(most[name] * cards, 'slice')}.", most[name] * cards)


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    for placed in draft:
        if any(ask.slices for ask in placed.wish.asks):
            yield from _uncut(case, placed)


def _uncut(case: Case, placed: Placed) -> Iterator[Refusal]:
    asks = assign(placed)
    classes = {block.code: block.device_class for block in placed.blocks}
    for ask in placed.wish.asks:
        if not ask.slices:
            continue
        mine = [code for code, one in asks.items() if one is ask]
        wrong = next((code for code in mine if not is_cuttable(ask, case.topology.classes[classes[code]])), None)
        if wrong is not None:
            yield _no_profile(ask, case.topology.classes[classes[wrong]])
        elif len(mine) < ask.count:
            yield _too_few(case, ask, ask.classes[0], ask.count, len(mine))


def _encode(model: Model) -> None:
    """That only cards which may be cut answer an ask for slices is granted: `Ask.accepts` says so."""
    for node in model.nodes:
        if any(ask.slices for ask in node.wish.asks):
            _encode_node(model, node)


def _encode_node(model: Model, node: Node) -> None:
    classes = node.case.topology.classes

    def wrong(ask: Ask, cell: Cell) -> int:
        return int(bool(ask.slices) and not is_cuttable(ask, classes[cell.one.device_class]))

    model.at_most(model.takes(node, model.cells(node), wrong), 0)


RULE = PlacementRule(RefusalCode.MIG_LAYOUT, _violations, encode=_encode)
