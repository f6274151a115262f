"""R10: bridged cards are granted together, unless the request waives the bridge."""

from collections import Counter
from collections.abc import Iterator

from scheduler.planning.case import Case, Draft, Placed
from scheduler.planning.rules.base import PlacementRule
from scheduler.planning.rules.model import Model, Sum
from scheduler.refusals import Refusal, RefusalCode, Suggestion

WAIVE = Suggestion("bridge", "Set allow_bridge_split to take cards without their bridge.", "allow_bridge_split")


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    for placed in draft:
        if not placed.wish.placement.allow_bridge_split:
            yield from _split(case, placed)


def _split(case: Case, placed: Placed) -> Iterator[Refusal]:
    groups = Counter(
        (block.device_class, block.bridge_group) for block in placed.blocks if block.bridge_group is not None
    )
    broken: Counter[str] = Counter()
    for (code, group), taken in groups.items():
        if taken < case.index.bridge_sizes[group or ""]:
            broken[code] += taken
    for code, cards in sorted(broken.items()):
        need = placed.wish.need[code]
        have = need - cards
        yield Refusal(
            code=RefusalCode.BRIDGE_SPLIT,
            field=placed.wish.fields.get(code, placed.wish.field),
            message=f"{need} × {case.name(code)} would split a bridged group; whole groups give {have}.",
            need=need,
            have=have,
            unit="devices",
            suggestions=(WAIVE,),
        )


def _encode(model: Model) -> None:
    """Who does not waive the bridge takes so many whole groups, and nothing of a group it cannot have whole."""
    for node in model.nodes:
        mine = set() if node.wish.placement.allow_bridge_split else set(model.cells(node))
        for bundle in model.bundles if mine else ():
            if not (bundle.is_whole and mine >= bundle.cards.keys()):
                model.forbid(node, bundle.cards)
                continue
            groups = Sum.of(model.integer(bundle.groups))
            for cell, cards in bundle.cards.items():
                model.equal(model.takes(node, (cell,)), groups * cards)


RULE = PlacementRule(RefusalCode.BRIDGE_SPLIT, _violations, encode=_encode)
