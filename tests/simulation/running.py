"""Many seeds on all cores; the exit status says whether all predicates held."""

import argparse
import gc
import multiprocessing
import os
import sys
import time
from collections import Counter
from functools import partial

from tests.simulation.simulation import Simulation, Story
from tests.simulation.thawing import thaw

CHUNK = 4
SHOWN_MAX = 3  # stories of failures that are told at length


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many, from --from on")
    parser.add_argument("--from", type=int, default=1, dest="first")
    parser.add_argument("--lifecycles", type=int, default=200, help="reservations of each seed")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args(arguments)
    began = time.monotonic()
    stories = live_through(
        range(asked.first, asked.first + asked.seeds), lifecycles=asked.lifecycles, processes=asked.processes
    )
    sys.stdout.write(told(stories, seconds=time.monotonic() - began) + "\n")
    return int(any(story.broken for story in stories))


def live_through(seeds: range, *, lifecycles: int, processes: int) -> list[Story]:
    """In processes of their own, so that they may be tuned for nothing else."""
    with multiprocessing.get_context("spawn").Pool(processes, initializer=_make_ready) as pool:
        return list(pool.imap_unordered(partial(_live, lifecycles=lifecycles), seeds, chunksize=CHUNK))


def told(stories: list[Story], *, seconds: float) -> str:
    broken = sorted((story for story in stories if story.broken), key=lambda story: story.seed)
    ends: Counter[str] = sum((Counter(story.ends) for story in stories), Counter())
    lifecycles = sum(story.lifecycles for story in stories)
    lines = [story.told() for story in broken[:SHOWN_MAX]]
    lines.append(
        f"{len(stories)} seeds, {lifecycles} lifecycles: "
        + ", ".join(f"{n} {name}" for name, n in sorted(ends.items()))
    )
    lines.append(f"{seconds:.1f} s, {lifecycles / seconds:.0f} lifecycles/s, {len(broken)} seeds broken")
    if broken:
        lines.append("broken: " + " ".join(str(story.seed) for story in broken))
    return "\n".join(lines)


def _make_ready() -> None:
    """Value types thawed; no garbage is looked for while a seed lives, all of it is dropped after."""
    thaw()
    gc.collect()
    gc.freeze()
    gc.disable()


def _live(seed: int, *, lifecycles: int) -> Story:
    story = Simulation(seed=seed, lifecycles=lifecycles).run()
    gc.collect()
    return story
