"""R20: a CXL memory module works only in a bay that speaks CXL, and on a host that does.

The bay's protocols are in the pool file. Whether a host speaks CXL is not: it is assumed of hosts whose fabric ports
are of PCIe generation 5 or later, the first over which CXL runs [CXL 1.1 specification].
"""

from collections.abc import Iterator

from fabric.topology import BlockFacts, HostFacts, PoolTopology
from scheduler.planning.case import Case, Draft, Placed, Wish
from scheduler.planning.rules.base import PlacementRule, over
from scheduler.planning.rules.model import Model, Node
from scheduler.refusals import Refusal, RefusalCode

CXL_MEMORY = "cxl_memory"
CXL_GENERATION_MIN = 5


def is_module(topology: PoolTopology, device_class: str) -> bool:
    facts = topology.classes.get(device_class)
    return facts is not None and facts.kind == CXL_MEMORY


def speaks_cxl(topology: PoolTopology, block: BlockFacts) -> bool:
    """Whether the bay (or slot) the block is in does."""
    protocols = topology.prus[block.pru].slot_protocols.get(block.slot_kind, ()) if block.pru is not None else ()
    return any(protocol.startswith("CXL") for protocol in protocols)


def _excess(case: Case, wish: Wish, host: HostFacts) -> float:
    if not any(is_module(case.topology, code) for code in wish.need):
        return 0.0
    return over(CXL_GENERATION_MIN, host.port_generation)


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    for placed in draft:
        modules = [block for block in placed.blocks if is_module(case.topology, block.device_class)]
        if _excess(case, placed.wish, placed.host):
            yield _host(case, placed)
        elif not all(speaks_cxl(case.topology, block) for block in modules):
            yield _bay(case, placed, modules)


def _host(case: Case, placed: Placed) -> Refusal:
    host = placed.host
    return Refusal(
        code=RefusalCode.CXL_UNSUPPORTED,
        field=_field(case, placed.wish),
        message=(
            f"CXL needs fabric ports of PCIe generation {CXL_GENERATION_MIN}; those of a {host.template} host are of "
            f"generation {host.port_generation}."
        ),
        need=CXL_GENERATION_MIN,
        have=host.port_generation,
        unit="PCIe generation",
    )


def _bay(case: Case, placed: Placed, modules: list[BlockFacts]) -> Refusal:
    need, have = len(modules), sum(speaks_cxl(case.topology, block) for block in modules)
    return Refusal(
        code=RefusalCode.CXL_UNSUPPORTED,
        field=_field(case, placed.wish),
        message=f"{need:,} CXL modules need bays that speak CXL; {have:,} of them are in such bays.",
        need=need,
        have=have,
        unit="CXL bays",
    )


def _field(case: Case, wish: Wish) -> str:
    code = next(code for code in wish.need if is_module(case.topology, code))
    return wish.fields.get(code, wish.field)


def _encode(model: Model) -> None:
    for node in model.nodes:
        _encode_node(model, node)


def _encode_node(model: Model, node: Node) -> None:
    topology = node.case.topology
    modules = [cell for cell in model.cells(node) if is_module(topology, cell.one.device_class)]
    model.at_most(model.takes(node, [cell for cell in modules if not speaks_cxl(topology, cell.one)]), 0)
    model.bound(
        node, model.takes(node, modules), lambda host: None if host.port_generation >= CXL_GENERATION_MIN else 0
    )


RULE = PlacementRule(RefusalCode.CXL_UNSUPPORTED, _violations, _excess, _encode)
