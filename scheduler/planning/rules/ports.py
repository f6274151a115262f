"""R2: port and uplink of every link end on one optical plane; counted plane by plane, not in all (see `links`)."""

from collections.abc import Iterator

from scheduler.planning.case import Case, Draft
from scheduler.planning.links import can_link
from scheduler.planning.rules.base import PlacementRule
from scheduler.planning.rules.fanout import prus_of
from scheduler.refusals import Refusal, RefusalCode


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    """Nodes are joined one after the other; the first that finds no planes is named with the links it could get."""
    joined: list[tuple[str, tuple[str, ...]]] = []
    for placed in draft:
        prus = prus_of(placed)
        if can_link(case, [*joined, (placed.host.code, prus)]):
            joined.append((placed.host.code, prus))
            continue
        have = max(n for n in range(len(prus)) if can_link(case, [*joined, (placed.host.code, prus[:n])]))
        yield Refusal(
            code=RefusalCode.NO_FABRIC_PORT,
            field=placed.wish.field,
            message=f"A node needs {len(prus)} links whose two ends share an optical plane; {have} can be made.",
            need=len(prus),
            have=have,
            unit="links",
        )


RULE = PlacementRule(RefusalCode.NO_FABRIC_PORT, _violations)
