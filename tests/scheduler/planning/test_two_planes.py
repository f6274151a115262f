"""Links over two planes: the flow agrees with trying every way."""

from itertools import product
from random import Random

import pytest

from scheduler.planning.two_planes import first_plane_links


@pytest.mark.parametrize("seed", range(300))
def test_the_flow_agrees_with_trying_every_way(seed: int) -> None:
    chance = Random(seed)
    links = sorted({(chance.randrange(3), f"pru-{chance.randrange(3)}") for _ in range(chance.randint(1, 7))})
    nodes = {node: (chance.randint(0, 1), chance.randint(0, 2)) for node in {node for node, _ in links}}
    prus = {pru: (chance.randint(0, 1), chance.randint(0, 2)) for pru in {pru for _, pru in links}}

    found = first_plane_links(links, nodes, prus)

    ways = [
        frozenset(link for link, is_first in zip(links, way, strict=True) if is_first)
        for way in product((0, 1), repeat=len(links))
    ]
    assert found in ([way for way in ways if _keeps(way, nodes, prus)] or [None])


def _keeps(way, nodes, prus) -> bool:
    return all(
        least <= sum(name in link for link in way) <= most for name, (least, most) in [*nodes.items(), *prus.items()]
    )


def test_a_host_with_one_port_on_each_plane_has_one_link_on_each() -> None:
    assert first_plane_links([(0, "p"), (0, "q")], {0: (1, 1)}, {"p": (0, 1), "q": (0, 0)}) == {(0, "p")}
    assert first_plane_links([(0, "p"), (0, "q")], {0: (1, 1)}, {"p": (0, 0), "q": (0, 0)}) is None
