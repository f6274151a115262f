"""R5: the BARs of every bound device, drives and NICs too, must fit the host's 64-bit window.

Unpublished counts 1 GiB.
"""

from collections.abc import Iterator

from fabric.topology import HostFacts
from scheduler.planning.case import Case, Draft, Wish, bar_gib
from scheduler.planning.rules.base import PlacementRule, heaviest, over, whole
from scheduler.refusals import Refusal, RefusalCode


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


RULE = PlacementRule(RefusalCode.MMIO_EXHAUSTED, _violations, _excess)
