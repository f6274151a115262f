"""Workers killed by SIGKILL at each named point of each step, on real PostgreSQL; another takes over and all is right.

The points are: before the intent, after it, after the fabric has the request, after its reply, before the outcome is
committed, and after that. Every life is killed at one of them, and its successors soon after. Some lives drawn by a
seed; `--deep` lives one for every point of every step. The witness is the emulator's own file.
"""

import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
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
from fabric.drivers.emulator.seed import set_latency_scale
from fabric.models import Composition, CompositionStep, MutationTurn, Resize
from tests.fabric.composing.house import START, House, build
from tests.fabric.composing.mortal import (
    Doom,
    MortalBooks,
    MortalDriver,
    Points,
    SharedSeconds,
    before_commit,
    killed,
)

SEED = 20260302
SAMPLE = 4  # lives in CI
KILLS_MAX = 4  # of one life; the last are not always met, since a successor has less to do
SOON = 7  # moments from a death to the next, at most: about one step
RELEASES = 0.25  # how often it is taken apart by who comes next
KILLS_MIN = 500  # of all lives together
POINTS = ("before intent", "after intent", "after send", "after reply", "before commit", "after commit")
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
    set_latency_scale(path=house.world.path, scale=0)

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
    """Where the first worker dies; its successors die wherever chance has it."""

    scene: Scene
    moment: str


def soon_after(moment: str, moments: Sequence[str]) -> list[str]:
    """Where somebody may die who goes on from there: an intent that is written is not written again."""
    start = moments.index(moment) + (not moment.startswith("before intent"))
    return list(moments[start : start + SOON]) or [moment]


def live(life: Life, fate: Fate, told: Mapping[str, Sequence[str]], chance: random.Random) -> None:
    """Killed some times, by the same work or by who takes the node apart, and then in peace to its end."""
    scene, verb, moment = fate.scene, fate.scene.verb, fate.moment
    for _ in range(KILLS_MAX):
        was_killed = life.kill(verb, moment)
        assert was_killed or life.kills, f"{scene.name} never came to {moment}"
        if not was_killed:
            break
        if verb != run.release and chance.random() < RELEASES:
            verb, moment = run.release, chance.choice([f"{point} decompose" for point in POINTS])
        else:
            moments = told["release" if verb == run.release else scene.name]
            moment = chance.choice(soon_after(moment, moments))
    result = life.work(verb, Doom())
    what = f"{scene.name}: {life.kills}, then {result}"
    if verb == scene.verb:
        blocks = life.composition.blocks.values_list("code", flat=True)
        assert result.outcome == scene.outcome, what
        assert set(life.house.owners()) == (set(blocks) if result.outcome in KEPT else set()), what
    life.work(run.release, Doom())
    check_that_nothing_leaks(life, what)
    asked = life.asked_of_the_fabric()
    assert len(asked) == len(set(asked)), what
    assert set(asked) <= set(scene.asks), what
    assert verb != scene.verb or sorted(asked) == sorted(scene.asks), what


KEPT = (NodeOutcome.COMPOSED, NodeOutcome.RESIZED, NodeOutcome.NOT_RESIZED)


def check_that_nothing_leaks(life: Life, told: str) -> None:
    """No block has an owner, no attachment is open, no intent, no turn; everything is free again."""
    house = life.house
    assert (house.owners(), house.world.machines(), house.world.settings()) == ({}, {}, {}), told
    assert (house.states(), house.open_attachments()) == ({}, []), told
    life.composition.refresh_from_db()
    assert life.composition.state == "closed", told
    assert not CompositionStep.objects.filter(state__in=("started", "unknown")).exists(), told
    assert not Resize.objects.filter(state="open").exists(), told
    assert not MutationTurn.objects.exists(), told


@pytest.mark.django_db(transaction=True)
def test_workers_killed_at_named_points_leak_nothing(
    lives: Callable[[Scene, str], Life], is_deep: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(SEED)
    begun = time.monotonic()
    told = {scene.name: moments_of(scene, lives) for scene in SCENES}
    everything = [Fate(scene, moment) for scene in SCENES for moment in dict.fromkeys(told[scene.name])]
    chosen = everything if is_deep else chance.sample(everything, SAMPLE)
    kills = 0
    for number, fate in enumerate(chosen):
        life = lives(fate.scene, f"r-{number}")
        live(life, fate, told, chance)
        kills += len(life.kills)

    with capsys.disabled():
        seconds = time.monotonic() - begun
        sys.stdout.write(f"\n{kills} kills in {len(chosen)} lives of {len(everything)}, {seconds:.0f} s\n")
    for scene in SCENES:
        steps = {moment.removeprefix("before ").removeprefix("after ").split(" ", 1)[1] for moment in told[scene.name]}
        assert {f"{point} {step}" for point in POINTS for step in steps} <= set(told[scene.name]), scene.name
    assert kills >= (KILLS_MIN if is_deep else SAMPLE)
