"""R14, the rack: draw and heat at the worst instant of the padded window stay within the feed and the cooling.

need = base draw of every host and PRU of the rack + TDP of local devices + TDP of devices allocated at that instant,
what is already committed included; a device that nobody has counts nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from fabric.topology import RackFacts
from scheduler.planning.case import Case, Draft
from scheduler.planning.rules.base import PlacementRule
from scheduler.planning.timeline import rack_of
from scheduler.refusals import Refusal, RefusalCode


def power_limit(rack: RackFacts) -> int:
    return rack.budget_w


def cooling_limit(rack: RackFacts) -> int:
    return rack.cooling_w


def _rule(code: RefusalCode, limit: Callable[[RackFacts], int], words: str) -> PlacementRule:
    def violations(case: Case, draft: Draft) -> Iterator[Refusal]:
        for rack, lines in sorted(_watts(case, draft).items()):
            need, have = case.rack_watts(rack) + sum(lines.values()), limit(case.topology.racks[rack])
            if need > have:
                field, _ = max(lines.items(), key=lambda item: (item[1], item[0]))
                message = f"{rack} {words.format(need=need, have=have)}"
                yield Refusal(
                    code=code, field=field, message=message, need=need, have=have, unit="W", overridable_by=None
                )

    return PlacementRule(code, violations)


def _watts(case: Case, draft: Draft) -> dict[str, Counter[str]]:
    """Watts of the new devices by rack and by line."""
    sums: dict[str, Counter[str]] = {}
    for placed in draft:
        for block in placed.blocks:
            field = placed.wish.fields.get(block.device_class, placed.wish.field)
            watts = case.topology.classes[block.device_class].tdp_w
            sums.setdefault(rack_of(case.topology, block), Counter())[field] += watts
    return sums


POWER_RULE = _rule(RefusalCode.RACK_POWER, power_limit, "would draw {need:,} W; its feed carries {have:,} W.")
COOLING_RULE = _rule(
    RefusalCode.RACK_COOLING, cooling_limit, "would give off {need:,} W; its cooling sheds {have:,} W."
)
