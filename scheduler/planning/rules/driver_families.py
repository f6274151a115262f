"""R13: a host runs the drivers of so many accelerator families at once; NICs and drives do not count."""

from collections import defaultdict
from collections.abc import Iterator

from fabric.topology import HostFacts
from scheduler.planning.case import Case, Draft, Wish
from scheduler.planning.rules.base import PlacementRule, over
from scheduler.planning.rules.model import Cell, Model, Sum
from scheduler.refusals import Refusal, RefusalCode


def _excess(case: Case, wish: Wish, host: HostFacts) -> float:
    return 0.0 if host.is_fixed else over(len(wish.families), host.driver_families_max)


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    for wish, host in ((placed.wish, placed.host) for placed in draft):
        if _excess(case, wish, host):
            yield Refusal(
                code=RefusalCode.DRIVER_CONFLICT,
                field=f"{wish.field}.lines",
                message=(
                    f"One node would need the drivers of {', '.join(wish.families)}; a {host.template} "
                    f"host runs {host.driver_families_max} at once."
                ),
                need=len(wish.families),
                have=host.driver_families_max,
                unit="driver families",
            )


def _encode(model: Model) -> None:
    for node in model.nodes:
        families: defaultdict[str, list[Cell]] = defaultdict(list)
        for cell in model.cells(node):
            facts = node.case.topology.classes[cell.one.device_class]
            if facts.is_accelerator:
                families[facts.driver_family].append(cell)
        used = Sum.total(Sum.of(model.holds(node, families[name])) for name in sorted(families))
        model.bound(node, used, lambda host: None if host.is_fixed else host.driver_families_max)


RULE = PlacementRule(RefusalCode.DRIVER_CONFLICT, _violations, _excess, _encode)
