"""R5: the BARs of every bound device, drives and NICs too, must fit the host's 64-bit window.

Unpublished counts 1 GiB.
"""

from collections.abc import Iterator, Mapping

from fabric.topology import DeviceClassFacts, HostFacts
from scheduler.planning.case import Ask, Case, Draft, Wish, bar_gib
from scheduler.planning.rules.base import PlacementRule, heaviest, over, whole
from scheduler.planning.rules.model import Cell, Model
from scheduler.refusals import Refusal, RefusalCode

KIB_PER_GIB = 2**20  # the exact search counts in whole numbers


def _excess(case: Case, wish: Wish, host: HostFacts) -> float:
    return 0.0 if host.is_fixed else over(wish.mmio_gib, host.mmio_high_gib)


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    for wish, host in ((placed.wish, placed.host) for placed in draft):
        if _excess(case, wish, host):
            yield Refusal(
                code=RefusalCode.MMIO_EXHAUSTED,
                field=heaviest(wish, lambda code: bar_gib(case.topology.classes[code])),
                message=(
                    f"The devices of one node need {whole(wish.mmio_gib):,} GiB of address space; a "
                    f"{host.template} host has {host.mmio_high_gib:,} GiB."
                ),
                need=whole(wish.mmio_gib),
                have=host.mmio_high_gib,
                unit="GiB",
            )


def _encode(model: Model) -> None:
    for node in model.nodes:
        classes = node.case.topology.classes

        def kib(ask: Ask, cell: Cell, classes: Mapping[str, DeviceClassFacts] = classes) -> int:
            return round(bar_gib(classes[cell.one.device_class]) * KIB_PER_GIB)

        model.bound(
            node,
            model.takes(node, model.cells(node), kib),
            lambda host: None if host.is_fixed else host.mmio_high_gib * KIB_PER_GIB,
        )


RULE = PlacementRule(RefusalCode.MMIO_EXHAUSTED, _violations, _excess, _encode)
