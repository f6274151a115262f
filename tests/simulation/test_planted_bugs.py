"""The simulation has teeth: every bug that is planted is found, soon, and without it the same worlds are sound."""

import pytest

from tests.simulation.bugs import BUGS, Bug
from tests.simulation.simulation import Simulation, Story

SEEDS = range(1, 21)
SOUND = range(1, 3)
LIFECYCLES = 40


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_planted_bug_is_found(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = [live(bug, seed).broken for seed in SOUND]
    bug.plant(monkeypatch)

    found = next((story for seed in SEEDS if (story := live(bug, seed)).broken), None)

    assert sound == ["" for _ in SOUND]
    assert found is not None, f"{len(SEEDS)} seeds were content with it"
    assert found.told().startswith(f"seed {found.seed} ({bug.dials.name}) after {found.at:.1f} s: {found.broken}\n")


def live(bug: Bug, seed: int) -> Story:
    return Simulation(seed=seed, lifecycles=LIFECYCLES, dials=bug.dials).run()
