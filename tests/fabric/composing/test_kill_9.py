"""Workers killed by SIGKILL at each named point of each step, on real PostgreSQL; another takes over and all is right.

The points are: before the intent, after it, after the fabric has the request, after its reply, before the outcome is
committed, and after that. Every life is killed twice: at one of them, and its successor at any other. Some lives drawn
by a seed; `--deep` lives them all. The witness is the emulator's own file.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from fabric.composing import resizing, run
from fabric.composing.errand import Run
from fabric.composing.ledger import Ledger
from fabric.composing.results import NodeOutcome, NodeResult
from fabric.drivers.base import CardSetting
from fabric.drivers.emulator.faults import FaultKind, clear
from fabric.models import Attachment, Composition, CompositionStep, MutationTurn, Resize
from tests.contracts.worlds import make_small
from tests.fabric.composing.house import START, House, build
from tests.fabric.composing.mortal import (
    Doom,
    MortalBooks,
    MortalDriver,
    Points,
    SharedSeconds,
    before_commit,
    killed,
    numbered,
)

SEED = 20260302
SAMPLE = 4  # lives in CI; each is two kills
KILLS_MIN = 500  # of all lives together
POINTS = ("before intent", "after intent", "after send", "after reply", "before commit", "after commit")
STEADY = {"p50": 3.0, "p95": 3.0}  # every act takes as long, so that every run has the same moments
CAPPED = CardSetting(power_cap_w=250)
GRACE = 30.0
Verb = Callable[[Run], NodeResult]


@dataclass
class Life:
    """One node of its own name, on the house's first host, and who has worked on it."""

    house: House
    clock: SharedSeconds
    owner: str
    log: Path
    composition: Composition
    resize: Resize | None = None
    workers: int = 0
    kills: list[str] = field(default_factory=list)

    def work(self, verb: Verb, doom: Doom) -> NodeResult:
        """As the next worker, under a higher fence."""
        self.workers += 1
        points = Points(doom)
        ledger = Ledger(
            composition=Composition.objects.get(pk=self.composition.pk),
            is_current=lambda: True,
            on_step=before_commit(points),
            resize=self.resize,
        )
        return verb(
            Run(
                books=MortalBooks(ledger, points),
                driver=MortalDriver(self.house.driver, points),
                attempt=self.workers,
                fence=self.workers,
                clock=lambda: START + timedelta(seconds=self.clock.value),
                wait=self.wait,
                drain_seconds=GRACE,
            )
        )

    def wait(self, seconds: float) -> None:
        self.clock.add(seconds)
        self.look_at_the_clock()

    def look_at_the_clock(self) -> None:
        self.house.world.now = 1_000_000.0 + self.clock.value

    def kill(self, verb: Verb, moment: str, nth: int = 1) -> bool:
        was_killed = killed(partial(self.work, verb, Doom(moment, nth)), log=self.log)
        self.workers += 1
        self.kills += [moment] * was_killed
        self.look_at_the_clock()
        return was_killed

    def asked_of_the_fabric(self) -> list[str]:
        """Every request that it has accepted for this node, by what it was."""
        prefix = f"{self.composition.tag}/"
        keys = [op["op_key"] for op in self.house.world.truth()["operations"]]
        return [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]


@dataclass(frozen=True)
class Scene:
    """What is killed in the middle of what, and how it ends undisturbed."""

    name: str
    verb: Verb
    outcome: NodeOutcome
    asks: tuple[str, ...]  # what the fabric is asked for in the whole life, each once
    is_composed: bool = True  # before the verb begins
    is_changed: bool = False
    faults: tuple[str, ...] = ()  # blocks that do not bind


FIRST = ("configure", "compose")
LAST = ("decompose", "clean")
SCENES = (
    Scene("compose", run.compose, NodeOutcome.COMPOSED, (*FIRST, *LAST), is_composed=False),
    Scene("undo", run.compose, NodeOutcome.UNDONE, (*FIRST, *LAST), is_composed=False, faults=("gpu-2",)),
    Scene("release", run.release, NodeOutcome.RELEASED, (*FIRST, *LAST)),
    Scene(
        "resize",
        resizing.resize,
        NodeOutcome.RESIZED,
        (*FIRST, "configure.r1", "resize.r1", "resize.r1.2", "clean.r1", *LAST),
        is_changed=True,
    ),
    Scene(
        "unresize",
        resizing.resize,
        NodeOutcome.NOT_RESIZED,
        (*FIRST, "configure.r1", "resize.r1", "clean.r1", *LAST),
        is_changed=True,
        faults=("gpu-3",),
    ),
)


@pytest.fixture
def lives(transactional_db: None, tmp_path: Path) -> Callable[[Scene, str], Life]:
    """A fabric that wants its host off, so that every step asks it for something."""
    house, clock = build(tmp_path, needs_host_off=True), SharedSeconds()
    make_small(
        house.world.path, bind_seconds=STEADY, unbind_seconds=STEADY, clean_seconds=STEADY, configure_seconds=STEADY
    )

    def begin(scene: Scene, owner: str) -> Life:
        clear(path=house.world.path)
        house.now = START + timedelta(seconds=clock.value)
        composition = house.open(owner=owner, settings={"gpu-1": CAPPED})
        life = Life(house=house, clock=clock, owner=owner, log=tmp_path / "worker.log", composition=composition)
        life.look_at_the_clock()
        if scene.is_composed:
            assert life.work(run.compose, Doom()).outcome == NodeOutcome.COMPOSED
        if scene.is_changed:
            wish = house.open_resize(composition, adds=("gpu-3",), removes=("gpu-2",), settings={"gpu-3": CAPPED})
            life.resize = wish
        if scene.faults:
            house.world.fault(FaultKind.BIND_FAILURE, blocks=list(scene.faults))
        return life

    return begin


def moments_of(scene: Scene, begin: Callable[[Scene, str], Life]) -> list[str]:
    """In an undisturbed life, in their order."""
    doom, life = Doom(), begin(scene, f"dry-{scene.name}")
    result = life.work(scene.verb, doom)
    life.work(run.release, Doom())
    assert (result.outcome, sorted(life.asked_of_the_fabric())) == (scene.outcome, sorted(scene.asks))
    return doom.told


@dataclass(frozen=True)
class Fate:
    """Where the first worker dies, who comes after it, and where that one may die."""

    scene: Scene
    moment: str
    nth: int
    successor: Verb
    later: tuple[str, ...]


def all_fates(begin: Callable[[Scene, str], Life]) -> Iterator[Fate]:
    """Every moment of every scene, and after it the same work again, or somebody who takes the node apart."""
    told = {scene.name: moments_of(scene, begin) for scene in SCENES}
    for scene in SCENES:
        for moment, nth in numbered(told[scene.name]):
            rest = tuple(told[scene.name][told[scene.name].index(moment) :])
            yield Fate(scene, moment, nth, scene.verb, rest)
            if scene.verb != run.release:
                yield Fate(scene, moment, nth, run.release, tuple(told["release"]))


def live(life: Life, fate: Fate, chance: random.Random) -> None:
    """Killed, killed again, and then in peace to its end."""
    scene, successor = fate.scene, fate.successor
    assert life.kill(scene.verb, fate.moment, fate.nth), f"{scene.name} never came to {fate.moment}"
    life.kill(successor, chance.choice(fate.later))
    result = life.work(successor, Doom())
    told = f"{scene.name}: {life.kills}, then {result}"
    if successor == scene.verb:
        blocks = life.composition.blocks.values_list("code", flat=True)
        assert result.outcome == scene.outcome, told
        assert set(life.house.owners()) == (set(blocks) if result.outcome in KEPT else set()), told
    life.work(run.release, Doom())
    check_that_nothing_leaks(life, told)
    asked = life.asked_of_the_fabric()
    assert set(asked) <= set(scene.asks), told
    assert successor != scene.verb or sorted(asked) == sorted(scene.asks), told


KEPT = (NodeOutcome.COMPOSED, NodeOutcome.RESIZED, NodeOutcome.NOT_RESIZED)


def check_that_nothing_leaks(life: Life, told: str) -> None:
    """No block has an owner, no attachment is open, no intent, no turn; everything is free again."""
    house = life.house
    assert (house.owners(), house.world.machines(), house.world.settings()) == ({}, {}, {}), told
    assert (house.states(), house.open_attachments()) == ({}, []), told
    life.composition.refresh_from_db()
    assert life.composition.state == "closed", told
    assert not CompositionStep.objects.filter(state__in=("started", "unknown")).exists(), told
    assert not Attachment.objects.filter(composition=None).exists(), told
    assert not Resize.objects.filter(state="open").exists(), told
    assert not MutationTurn.objects.exists(), told


@pytest.mark.django_db(transaction=True)
def test_workers_killed_at_named_points_leak_nothing(
    lives: Callable[[Scene, str], Life], is_deep: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(SEED)
    begun = time.monotonic()
    everything = list(all_fates(lives))
    named = {fate.moment for fate in everything}
    chosen = everything if is_deep else chance.sample(everything, SAMPLE)
    kills = 0
    for number, fate in enumerate(chosen):
        life = lives(fate.scene, f"r-{number}")
        live(life, fate, chance)
        kills += len(life.kills)

    with capsys.disabled():
        seconds = time.monotonic() - begun
        sys.stdout.write(f"\n{kills} kills in {len(chosen)} lives, of {len(named)} named points, {seconds:.0f} s\n")
    assert {moment for moment in named if moment.endswith(" compose")} == {f"{point} compose" for point in POINTS}
    assert kills >= (KILLS_MIN if is_deep else SAMPLE)
