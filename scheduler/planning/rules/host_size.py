"""A host of at least so many cores and so much memory, where the request asks for one. Part of R0.

A fixed system whose size nobody published has none.
"""

from collections.abc import Iterator

from fabric.topology import HostFacts
from scheduler.planning.case import Case, Draft, Placed, Wish
from scheduler.planning.rules.base import over
from scheduler.refusals import Refusal, RefusalCode, Suggestion


def shortfall(wish: Wish, host: HostFacts) -> float:
    """0 for a host that is large enough."""
    asks = wish.placement
    return over(asks.host_cores, host.cores) + over(asks.host_memory_gib, host.memory_gib)


def none_large_enough(case: Case) -> Iterator[Refusal]:
    """No usable host of the pool is, free or not; told of the one that comes nearest."""
    for wish in case.wishes:
        if not (wish.placement.host_cores or wish.placement.host_memory_gib):
            continue
        named = wish.placement.host_class
        hosts = [host for host in case.index.hosts if host.is_usable and (named is None or host.template == named)]
        nearest = min(hosts, key=lambda host: (shortfall(wish, host), host.code), default=None)
        if nearest is not None and shortfall(wish, nearest):
            yield from too_small(case, [Placed(wish, nearest, ())])


def too_small(case: Case, draft: Draft) -> Iterator[Refusal]:
    for placed in draft:
        asks, host = placed.wish.placement, placed.host
        sizes = ((asks.host_cores, host.cores, "cores"), (asks.host_memory_gib, host.memory_gib, "GiB"))
        for need, have, unit in sizes:
            if have < need:
                yield Refusal(
                    code=RefusalCode.NO_FREE_HOST,
                    field=f"{placed.wish.field}.placement.host",
                    message=f"A node needs a host of at least {need:,} {unit}; a {host.template} host has {have:,}.",
                    need=need,
                    have=have,
                    unit=unit,
                    suggestions=tuple(_large_enough(case, placed.wish)),
                )


def _large_enough(case: Case, wish: Wish) -> Iterator[Suggestion]:
    """Another host class that is, where the request named one that is not."""
    large = {h.template for h in case.index.hosts if h.is_usable and not h.is_fixed and not shortfall(wish, h)}
    if wish.placement.host_class is not None and large:
        template = min(large)
        yield Suggestion("host", f"A {template} host is large enough.", template)
