"""The fabric of the simulation lives through everything that a driver must live through."""

from pathlib import Path

import pytest

from tests.contracts.lives import check, live
from tests.contracts.troubles import OF_EVERY_FABRIC
from tests.simulation.memory_world import MemoryWorld


@pytest.mark.parametrize("name", OF_EVERY_FABRIC)
def test_the_fabric_in_memory_leaves_nothing_behind(name: str, tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    trouble = OF_EVERY_FABRIC[name]
    trouble.before(world)

    life = live(world, midway=trouble.midway)

    check(world, life)
