"""The simulation has teeth: every bug that is planted is found within the time it has, and by what it breaks."""

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.simulation import Simulation

SEEDS = range(1, 61)
LIFECYCLES = 60


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    BUGS[name](monkeypatch)

    found = next((story for story in map(_live, SEEDS) if story.broken), None)

    assert found is not None, f"{len(SEEDS)} seeds were content with it"
    assert len(found.last) > 10


def _live(seed: int):
    return Simulation(seed=seed, lifecycles=LIFECYCLES).run()
