"""What makes one placement better than another, as one sum. Pure.

In the order of their weights: one class rather than several on a node, few PRUs, hosts that take devices while they
run, few switches, small hosts, the classes named first.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from fabric.topology import HostFacts
from scheduler.planning.exact_model import CellModel
from scheduler.planning.rules.model import Cell, Node, Sum

Size = tuple[int, int, int, int]
MIXED, PRU, REBOOT, SWITCH, LARGER, LATER_CLASS = 100_000, 1_000, 500, 100, 3, 1


def cost_of(model: CellModel) -> Sum:
    sizes = sorted({_size(host) for node in model.nodes for host in node.hosts})
    ranks = {size: rank for rank, size in enumerate(sizes)}
    return Sum.total(part for node in model.nodes for part in _parts(model, node, ranks))


def _parts(model: CellModel, node: Node, ranks: Mapping[Size, int]) -> Iterator[Sum]:
    cells = model.cells(node)
    classes = _sorted_out(cells, lambda cell: (cell.one.device_class,))
    if len(classes) > len(node.wish.asks):
        yield from (Sum.of(model.holds(node, ones), MIXED) for ones in classes)
        yield model.takes(node, cells, lambda ask, cell: ask.classes.index(cell.one.device_class) * LATER_CLASS)
    for ones in _sorted_out(cells, lambda cell: (cell.chassis,)):
        yield Sum.of(model.holds(node, ones), PRU)
    for ones in _sorted_out(cells, lambda cell: (cell.chassis, cell.one.switch)):
        yield Sum.of(model.holds(node, ones), SWITCH)
    yield model.on_host(node, lambda host: ranks[_size(host)] * LARGER + (not host.hot_add) * REBOOT)


def _sorted_out(cells: Iterable[Cell], by: Callable[[Cell], tuple[str, ...]]) -> list[list[Cell]]:
    sorted_out: defaultdict[tuple[str, ...], list[Cell]] = defaultdict(list)
    for cell in cells:
        sorted_out[by(cell)].append(cell)
    return list(sorted_out.values())


def _size(host: HostFacts) -> Size:
    return (host.max_accelerators, host.mmio_high_gib, host.memory_gib, host.cores)
