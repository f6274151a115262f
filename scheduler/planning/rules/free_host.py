"""R0: every node has a usable host of its own for the whole padded window, as large and as far apart as asked for."""

from collections.abc import Iterator
from functools import partial

from fabric.topology import HostFacts
from scheduler.planning.case import Case, Draft, Wish
from scheduler.planning.rules.base import PlacementRule, plural
from scheduler.planning.rules.host_size import shortfall, too_small
from scheduler.planning.rules.maintained import kept_back, of_hosts
from scheduler.planning.rules.model import Model, Node
from scheduler.planning.rules.spread_apart import encode_racks, racks_apart
from scheduler.refusals import Refusal, RefusalCode


def _excess(case: Case, wish: Wish, host: HostFacts) -> float:
    return _taken(case, host) + shortfall(wish, host)


def _taken(case: Case, host: HostFacts) -> float:
    return 0.0 if case.vacancy.has_host(host.code) else 1.0


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    """Where hosts are plenty and one is taken twice all the same, it is what else is asked of them that stands in the
    way."""
    asked_more = [*too_small(case, draft), *racks_apart(case, draft)]
    if not (asked_more and _are_plenty(case, draft)):
        yield from _not_its_own(case, draft)
    yield from asked_more


def _are_plenty(case: Case, draft: Draft) -> bool:
    free = sum(not _taken(case, host) for host in case.index.hosts if not host.is_fixed)
    return free >= len(draft)


def _not_its_own(case: Case, draft: Draft) -> Iterator[Refusal]:
    own: set[str] = set()
    without: list[Wish] = []
    for placed in draft:
        if placed.host.code in own or _taken(case, placed.host):
            without.append(placed.wish)
        own.add(placed.host.code)
    if without:
        named = without[0].placement.host_class
        kind = f"{named} host" if named else "host"
        yield Refusal(
            code=RefusalCode.NO_FREE_HOST,
            field=f"{without[0].field}.placement.host_class" if named else f"{without[0].field}.nodes",
            message=(
                f"Every node needs a free {kind} that can bear it: {plural(len(draft), 'host')} needed, "
                f"{len(draft) - len(without):,} free.{kept_back(case, of_hosts(case))}"
            ),
            need=len(draft),
            have=len(draft) - len(without),
            unit="hosts",
        )


def _encode(model: Model) -> None:
    for node in model.nodes:
        model.forbid_hosts(node, partial(_is_unfit, node))
    for kind in {host.code: host for node in model.nodes for host in node.hosts}.values():
        able = [node for node in model.nodes if kind in node.hosts]
        model.share({node: model.on_host(node, partial(_is_code, kind.code)) for node in able}, model.alike(kind))
    encode_racks(model)


def _is_unfit(node: Node, host: HostFacts) -> bool:
    return _excess(node.case, node.wish, host) > 0


def _is_code(code: str, host: HostFacts) -> int:
    return int(host.code == code)


RULE = PlacementRule(RefusalCode.NO_FREE_HOST, _violations, _excess, _encode)


def no_such_host(case: Case) -> Iterator[Refusal]:
    """A host class was named of which the pool has no usable host at all."""
    if not any(wish.placement.host_class for wish in case.wishes):
        return
    usable = {host.template for host in case.index.hosts if host.is_usable}
    for wish in case.wishes:
        named = wish.placement.host_class
        if named is not None and named not in usable:
            yield Refusal(
                code=RefusalCode.NO_FREE_HOST,
                field=f"{wish.field}.placement.host_class",
                message=f"The pool has no usable {named} host.",
                need=1,
                have=0,
                unit="hosts",
            )
