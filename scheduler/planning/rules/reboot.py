"""R18: a host without hot-add changes its devices only in a reboot, which what is left of the set-up must cover.

A node without devices changes nothing.
"""

from collections.abc import Iterator
from functools import partial

from fabric.topology import HostFacts
from scheduler.planning.case import Case, Draft, Wish
from scheduler.planning.rules.base import PlacementRule, over
from scheduler.planning.rules.model import Model, Node
from scheduler.refusals import Refusal, RefusalCode


def _excess(case: Case, wish: Wish, host: HostFacts) -> float:
    is_changed = wish.devices > 0 and not host.is_fixed
    return 0.0 if host.hot_add or not is_changed else over(host.reboot_seconds, case.setup_seconds)


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    for wish, host in ((placed.wish, placed.host) for placed in draft):
        if _excess(case, wish, host):
            yield Refusal(
                code=RefusalCode.NEEDS_REBOOT,
                field="starts_at",
                message=(
                    f"Only a {host.template} host is left, which must reboot for {host.reboot_seconds} s; "
                    f"the set-up before this start is {case.setup_seconds} s."
                ),
                need=host.reboot_seconds,
                have=case.setup_seconds,
                unit="s",
            )


def _encode(model: Model) -> None:
    for node in model.nodes:
        model.forbid_hosts(node, partial(_is_unfit, node))


def _is_unfit(node: Node, host: HostFacts) -> bool:
    return _excess(node.case, node.wish, host) > 0


RULE = PlacementRule(RefusalCode.NEEDS_REBOOT, _violations, _excess, _encode)
