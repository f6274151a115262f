"""R21: all nodes of a request that ask for RDMA are on one network, each with the same number of rails.

A rail is a port of the network's switches and one of the node: of a NIC that stays with its host or of one in its PRUs.
Which network it is the request may say; else it is the first, by code, that serves all of them. So whether there is one
needs no search; that each node has ports enough is a matter of its host and its NICs.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import partial

from fabric.topology import HostFacts, NetworkFacts
from scheduler.planning.case import Case, Draft, Placed, Wish
from scheduler.planning.rules.base import PlacementRule, over, plural
from scheduler.planning.rules.model import Model, Node, Sum
from scheduler.refusals import Refusal, RefusalCode, Suggestion


def asks_for_rdma(wish: Wish) -> bool:
    return wish.network is not None or wish.rails is not None


def network_of(case: Case) -> NetworkFacts | None:
    """The network of this request; None where nothing asks for one, or where none serves all that ask."""
    asking = [wish for wish in case.wishes if asks_for_rdma(wish)]
    return next((one for one in _candidates(case, asking) if _fault(case, asking, one) is None), None)


def rails_of(wish: Wish, network: NetworkFacts) -> int:
    return wish.rails or network.rails


def unserved(case: Case) -> Iterator[Refusal]:
    """No network serves all that ask, wherever they are placed. Told of the one that comes nearest."""
    asking = [wish for wish in case.wishes if asks_for_rdma(wish)]
    if not asking or network_of(case) is not None:
        return
    faults = [fault for one in _candidates(case, asking) if (fault := _fault(case, asking, one)) is not None]
    yield max(faults, key=lambda fault: fault[0])[1] if faults else _no_network(case, asking)


def _named(asking: Collection[Wish]) -> list[str]:
    return sorted({wish.network for wish in asking if wish.network is not None})


def _candidates(case: Case, asking: Collection[Wish]) -> Sequence[NetworkFacts]:
    named, networks = _named(asking), case.topology.networks
    if not asking or len(named) > 1:
        return ()
    return [networks[code] for code in named or sorted(networks) if code in networks]


Fault = tuple[int, Refusal]  # how far the network comes, and what stops it there


def _fault(case: Case, asking: Sequence[Wish], network: NetworkFacts) -> Fault | None:
    rails = [rails_of(wish, network) for wish in asking]
    most, least = max(rails), min(rails)
    wish = asking[rails.index(most)]
    if most > least:
        message = f"Nodes on one network take equally many rails; {most:,} and {least:,} are asked for."
        return 0, _refusal(wish, "rails", message, most, least, "rails")
    if most > network.rails:
        message = f"{most:,} rails are asked for; {network.code} has {network.rails:,}."
        fewer = Suggestion("rails", f"Ask for {plural(network.rails, 'rail')}.", network.rails)
        return 1, _refusal(wish, "rails", message, most, network.rails, "rails", fewer)
    taken = case.index.timeline.network_ports(network.code, case.busy_from, case.busy_until)
    need = taken + sum(rails)
    if need > network.switch_ports:
        message = f"{plural(need, 'port')} of {network.code} would be taken at once; it has {network.switch_ports:,}."
        return 2, _refusal(wish, "network", message, need, network.switch_ports, "switch ports")
    return None


def _no_network(case: Case, asking: Sequence[Wish]) -> Refusal:
    named = _named(asking)
    wish = next((wish for wish in asking if named and wish.network == named[-1]), asking[0])
    if len(named) > 1:
        message = f"All nodes that ask for RDMA are on one network; {' and '.join(named)} are named."
        return _refusal(wish, "network", message, 1, len(named), "networks")
    message = f"The pool has no RDMA network {named[0]}." if named else "The pool has no RDMA network."
    return _refusal(wish, "network" if named else "rails", message, 1, 0, "networks")


def _refusal(wish: Wish, key: str, message: str, need: int, have: int, unit: str, *suggestions: Suggestion) -> Refusal:
    return Refusal(RefusalCode.RDMA_MISMATCH, _path(wish, key), message, need, have, unit, suggestions=suggestions)


def _path(wish: Wish, key: str) -> str:
    """Where the request says it: of this group or of the whole mix; else where it says the other of the two."""
    own = {"rails": wish.placement.rails, "network": wish.placement.network}
    both = {"rails": wish.rails, "network": wish.network}
    said = key if both[key] is not None else next(name for name, value in both.items() if value is not None)
    return f"placement.{said}" if own[said] is None else f"{wish.field}.placement.{said}"


def _excess(case: Case, wish: Wish, host: HostFacts) -> float:
    network = network_of(case) if asks_for_rdma(wish) else None
    return 0.0 if network is None else over(rails_of(wish, network), _ports(case, wish, host))


def _ports(case: Case, wish: Wish, host: HostFacts) -> int:
    classes = case.topology.classes
    return host.local_nics + sum(classes[code].rdma_ports * count for code, count in wish.need.items())


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    yield from unserved(case)
    network = network_of(case)
    for placed in draft:
        if network is not None and _excess(case, placed.wish, placed.host):
            yield _too_few_ports(case, placed, network)


def _too_few_ports(case: Case, placed: Placed, network: NetworkFacts) -> Refusal:
    wish, host = placed.wish, placed.host
    need, have = rails_of(wish, network), _ports(case, wish, host)
    message = (
        f"A node takes {plural(need, 'rail')} of {network.code}; on a {host.template} host it has "
        f"{plural(have, 'RDMA port')}, those of the host's own NICs included."
    )
    return _refusal(wish, "rails", message, need, have, "RDMA ports", *_nics(case, host))


def _nics(case: Case, host: HostFacts) -> Iterator[Suggestion]:
    """A line to add: of the NICs with RDMA in the zone."""
    for code, facts in sorted(case.topology.classes.items()):
        blocks = case.index.by_class.get(code, ()) if facts.rdma_ports else ()
        if not host.is_fixed and any(block.is_usable and block.zone == host.zone for block in blocks):
            yield Suggestion("line", f"Add a line of {facts.name}.", code)
            return


def _encode(model: Model) -> None:
    """Of each request its network, chosen beforehand; what several requests take of one is shared over time."""
    chosen: defaultdict[str, dict[Node, Sum]] = defaultdict(dict)
    for node in model.nodes:
        network = network_of(node.case)
        if network is not None and asks_for_rdma(node.wish):
            _encode_ports(model, node, rails_of(node.wish, network))
            chosen[network.code][node] = Sum(constant=rails_of(node.wish, network))
        elif asks_for_rdma(node.wish):
            model.at_most(Sum(constant=1), 0)
    for code, amounts in chosen.items():
        case = next(iter(amounts)).case
        held = partial(case.index.timeline.network_ports, code)
        model.share(amounts, case.topology.networks[code].switch_ports, held)


def _encode_ports(model: Model, node: Node, rails: int) -> None:
    classes = node.case.topology.classes
    pooled = model.takes(node, model.cells(node), lambda _, cell: classes[cell.one.device_class].rdma_ports)
    model.bound(node, pooled * -1, lambda host: host.local_nics - rails)


RULE = PlacementRule(RefusalCode.RDMA_MISMATCH, _violations, _excess, _encode)
