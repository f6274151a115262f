"""R2: port and uplink of every link end on one optical plane; counted plane by plane, not in all (see `links`)."""

from collections import Counter
from collections.abc import Iterator

from scheduler.planning.case import Case, Draft
from scheduler.planning.links import can_link, within_counts
from scheduler.planning.rules.base import PlacementRule
from scheduler.planning.rules.fanout import prus_of, reachable_prus
from scheduler.planning.rules.model import Model
from scheduler.planning.rules.planes import Planes
from scheduler.refusals import Refusal, RefusalCode


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    """Nodes are joined one after the other; the first that finds no planes is named with the links it could get."""
    joined: list[tuple[str, tuple[str, ...]]] = []
    judged = within_counts(case, [(placed.host.code, prus_of(placed)) for placed in draft])
    for placed, (host, prus) in zip(draft, judged, strict=True):
        if can_link(case, [*joined, (host, prus)]):
            joined.append((host, prus))
            continue
        have = max(n for n in range(len(prus)) if can_link(case, [*joined, (host, prus[:n])]))
        yield Refusal(
            code=RefusalCode.NO_FABRIC_PORT,
            field=placed.wish.field,
            message=f"A node needs {len(prus)} links whose two ends share an optical plane; {have} can be made.",
            need=len(prus),
            have=have,
            unit="links",
        )


def _encode(model: Model) -> None:
    """Only of PRUs that could become so full that their planes matter; elsewhere any port finds an uplink."""
    chances = Counter(pru for node in model.nodes for pru in reachable_prus(model, node))
    crowded = {pru for pru, nodes in chances.items() if not _is_roomy(model, pru, nodes)}
    if crowded:
        Planes(model, crowded).state()


def _is_roomy(model: Model, pru: str, nodes: int) -> bool:
    case = model.nodes[0].case
    begin, end = min(node.span[0] for node in model.nodes), max(node.span[1] for node in model.nodes)
    most = case.index.timeline.nodes_on_pru(pru, begin, end) + nodes
    uplinks = case.index.pru_planes[pru]
    planes = {port.plane for node in model.nodes for host in node.hosts for port in host.ports}
    return all(uplinks.get(plane, 0) >= most for plane in planes)


RULE = PlacementRule(RefusalCode.NO_FABRIC_PORT, _violations, encode=_encode)
