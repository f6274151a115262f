"""Where no one zone can hold a node: two of half the size, joined by RDMA; or a selector not tied to its zone. Pure."""

import re
from collections.abc import Iterator
from dataclasses import replace

from scheduler.limits import NODES_PER_GROUP_MAX, ZONE_TRIES_MAX
from scheduler.planning.alternatives.changing import alternative, places, with_group, with_line, with_mix
from scheduler.planning.alternatives.tries import Tries
from scheduler.refusals import Alternative
from scheduler.requests import Group, Mix, ReservationRequest

_PINNED = re.compile(r"""\s*device\.zone\s*==\s*("[^"]*"|'[^']*')\s*""")
_AND = re.compile(r"&&")


def other_zone(*, request: ReservationRequest, tries: Tries) -> Alternative | None:
    tries.begin(ZONE_TRIES_MAX)
    for message, mix in (*_unpinned(request.mix), *halved(request.mix, sorted(tries.index.topology.networks))):
        changed = with_mix(request, mix)
        if tries.fits(changed):
            return alternative(kind="zone", message=message, asked=request, granted=changed)
        if tries.is_used_up:
            return None
    return None


def _unpinned(mix: Mix) -> Iterator[tuple[str, Mix]]:
    """All selectors at once: a node whose lines are tied to two zones is helped by freeing both."""
    free = mix
    for place in places(mix):
        line = place.of(mix)
        if line.selector:
            free = with_line(free, place, replace(line, selector=without_zone(line.selector)))
    if free != mix:
        yield "In whichever zone it fits, in the same window.", free


def without_zone(selector: str) -> str:
    """Without the terms that name a zone, where the whole is a row of terms that must all hold."""
    terms = _AND.split(selector)
    kept = [term.strip() for term in terms if not _PINNED.fullmatch(term)]
    is_plain = not re.search(r"\|\||\?", selector) and all(_is_whole(term) for term in terms)
    return " && ".join(kept) if kept and is_plain else selector


def _is_whole(term: str) -> bool:
    """No bracket or text of it was cut by the split."""
    return term.count("(") == term.count(")") and not term.count('"') % 2 and not term.count("'") % 2


def halved(mix: Mix, networks: list[str]) -> Iterator[tuple[str, Mix]]:
    """One group at a time, on each network: what was one node's is then two nodes', whose devices talk over RDMA."""
    for at, group in enumerate(mix.groups):
        if not _can_halve(group):
            continue
        lines = tuple(replace(line, count=line.count // 2) for line in group.lines)
        for network in [group.placement.network] if group.placement.network else networks:
            placement = replace(group.placement, network=network)
            halves = replace(group, nodes=group.nodes * 2, lines=lines, placement=placement)
            yield f"As {halves.nodes} nodes of half the size joined by {network}.", with_group(mix, at, halves)


def _can_halve(group: Group) -> bool:
    """Into nodes of equal halves, and no more of them than can be asked for."""
    is_even = all(line.count % 2 == 0 and not line.first_of for line in group.lines)
    return bool(group.lines) and is_even and group.nodes * 2 <= NODES_PER_GROUP_MAX
