"""R3: a host joins no more PRUs than it has ports, a PRU no more hosts than it has uplinks, at any instant.

Where a group asks for PRUs of its nodes' own, a PRU joins one of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import partial

from scheduler.planning.case import Case, Draft, Placed
from scheduler.planning.rules.base import PlacementRule, plural
from scheduler.planning.rules.model import Model, Node, Sum
from scheduler.planning.rules.spread_apart import encode_prus, prus_apart
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
    yield from prus_apart(case, draft)


def reachable_prus(model: Model, node: Node) -> tuple[str, ...]:
    """PRUs the node might take devices of."""
    return tuple(sorted({cell.one.pru for cell in model.cells(node) if cell.one.pru is not None}))


def _encode_host(model: Model) -> None:
    for node in model.nodes:
        used = Sum.total(Sum.of(model.uses(node, pru)) for pru in reachable_prus(model, node))
        model.bound(node, used, lambda host: len(host.ports))


def _encode_pru(model: Model) -> None:
    users: defaultdict[str, list[Node]] = defaultdict(list)
    for node in model.nodes:
        for pru in reachable_prus(model, node):
            users[pru].append(node)
    for pru, nodes in users.items():
        case = nodes[0].case
        joined = {node: Sum.of(model.uses(node, pru)) for node in nodes}
        model.share(joined, len(case.topology.prus[pru].uplinks), partial(case.index.timeline.nodes_on_pru, pru))
    encode_prus(model)


HOST_RULE = PlacementRule(RefusalCode.HOST_FANOUT, _host_violations, encode=_encode_host)
PRU_RULE = PlacementRule(RefusalCode.PRU_FANOUT, _pru_violations, encode=_encode_pru)
