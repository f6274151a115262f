"""R3: a host joins no more PRUs than it has ports, a PRU no more hosts than it has uplinks, at any instant."""

from collections import Counter
from collections.abc import Iterator

from scheduler.planning.case import Case, Draft, Placed
from scheduler.planning.rules.base import PlacementRule, plural
from scheduler.refusals import Refusal, RefusalCode


def prus_of(placed: Placed) -> tuple[str, ...]:
    return tuple(sorted({block.pru for block in placed.blocks if block.pru is not None}))


def _host_violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    for placed in draft:
        need, have = len(prus_of(placed)), len(placed.host.ports)
        if need > have:
            yield Refusal(
                code=RefusalCode.HOST_FANOUT,
                field=f"{placed.wish.field}.lines",
                message=(
                    f"The devices of one node lie in {plural(need, 'PRU')}; a {placed.host.template} host "
                    f"has {plural(have, 'fabric port')}."
                ),
                need=need,
                have=have,
                unit="ports",
            )


def _pru_violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    joined = Counter(pru for placed in draft for pru in prus_of(placed))
    for pru, nodes in sorted(joined.items()):
        need, have = case.nodes_on_pru(pru) + nodes, len(case.topology.prus[pru].uplinks)
        if need > have:
            last = [placed for placed in draft if pru in prus_of(placed)][-1]
            yield Refusal(
                code=RefusalCode.PRU_FANOUT,
                field=f"{last.wish.field}.nodes",
                message=f"{plural(need, 'host')} would be joined to {pru} at once; it has {plural(have, 'uplink')}.",
                need=need,
                have=have,
                unit="uplinks",
            )


HOST_RULE = PlacementRule(RefusalCode.HOST_FANOUT, _host_violations)
PRU_RULE = PlacementRule(RefusalCode.PRU_FANOUT, _pru_violations)
