"""R4: a host takes so many accelerators and no more; enumeration and firmware were tested up to that figure."""

from collections.abc import Iterator

from fabric.topology import HostFacts
from scheduler.planning.case import Case, Draft, Wish
from scheduler.planning.rules.base import PlacementRule, heaviest, over
from scheduler.planning.rules.model import Model
from scheduler.refusals import Refusal, RefusalCode, Suggestion


def _excess(case: Case, wish: Wish, host: HostFacts) -> float:
    return 0.0 if host.is_fixed else over(wish.accelerators, host.max_accelerators)


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    for wish, host in ((placed.wish, placed.host) for placed in draft):
        if not _excess(case, wish, host):
            continue
        yield Refusal(
            code=RefusalCode.HOST_SLOT_LIMIT,
            field=heaviest(wish, lambda code: _accelerators(case, code)),
            message=(
                f"A node of {wish.accelerators} accelerators is more than a {host.template} host takes "
                f"({host.max_accelerators})."
            ),
            need=wish.accelerators,
            have=host.max_accelerators,
            unit="accelerators",
            suggestions=tuple(_larger(case, wish)),
        )


def _accelerators(case: Case, code: str) -> int:
    facts = case.topology.classes.get(code)
    return 1 if facts and facts.is_accelerator else 0


def _larger(case: Case, wish: Wish) -> Iterator[Suggestion]:
    """Another host class that takes enough; only of use where the request named one."""
    if wish.placement.host_class is None:
        return
    fitting = sorted(
        (h.max_accelerators, h.template)
        for h in case.index.hosts
        if h.is_usable and not _excess(case, wish, h) and not h.is_fixed
    )
    if fitting:
        limit, template = fitting[0]
        yield Suggestion("host", f"A {template} host takes {limit} accelerators.", template)


def _encode(model: Model) -> None:
    for node in model.nodes:
        classes = node.case.topology.classes
        accelerators = [cell for cell in model.cells(node) if classes[cell.one.device_class].is_accelerator]
        model.bound(
            node, model.takes(node, accelerators), lambda host: None if host.is_fixed else host.max_accelerators
        )


RULE = PlacementRule(RefusalCode.HOST_SLOT_LIMIT, _violations, _excess, _encode)
