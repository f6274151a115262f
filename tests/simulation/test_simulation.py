"""A few seeds of the simulation; `python -m tests.simulation` lives through a thousand, `--deep` through some more."""

import os
import subprocess
import sys

import pytest

from tests.simulation.simulation import Simulation

SAMPLE = range(1, 21)
DEEP = range(10_000, 10_200)
LIFECYCLES = 40
WORDS = """
from tests.simulation.simulation import Simulation
for seed in (3, 5):
    print(Simulation(seed=seed, lifecycles=40).run().checksum)
"""


@pytest.mark.parametrize("seed", SAMPLE)
def test_everything_that_must_hold_holds(seed: int) -> None:
    story = Simulation(seed=seed, lifecycles=LIFECYCLES).run()

    assert story.broken == "", story.told()
    assert sum(story.ends.values()) == LIFECYCLES


@pytest.mark.deep
def test_everything_that_must_hold_holds_in_many_worlds() -> None:
    for seed in DEEP:
        story = Simulation(seed=seed, lifecycles=200).run()

        assert story.broken == "", story.told()


def test_the_same_seed_is_the_same_story() -> None:
    """Also in another process, in which strings hash otherwise."""
    here = [Simulation(seed=seed, lifecycles=LIFECYCLES).run().checksum for seed in (3, 5)]
    again = [Simulation(seed=seed, lifecycles=LIFECYCLES).run().checksum for seed in (3, 5)]
    there = subprocess.run(
        [sys.executable, "-c", WORDS],
        env={**os.environ, "PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert (again, [int(line) for line in there.stdout.split()]) == (here, here)
    assert here[0] != here[1]
