"""A node of the lab, wired and taken apart by the executor through counts, from the row of its fabric manager."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from django.core.management import call_command

from fabric.composing.nodes import compose_node, release_node, resize_node
from fabric.composing.results import NodeOutcome, NodeResult
from fabric.counted_simulator.app import answering
from fabric.counted_simulator.face import Face
from fabric.drivers import registry
from fabric.drivers.counted import CountedDriver
from fabric.drivers.emulator.faults import FaultKind, set_fault
from fabric.management.commands.counted_simulator import boxes_of
from fabric.models import Composition, FabricManager, Host, Pool, ResourceBlock
from fabric.services.compositions import open_composition, open_resize
from fabric.services.credentials import set_credentials
from fabric.services.drivers import driver_for, emulated_fabric_of
from fabric.services.sync import sync_pool_file
from fabric.states import BlockState
from tests.contracts.lending import lent

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FIRST, LAST = ("pru-02-s09", "pru-02-s10"), ("pru-02-s11", "pru-02-s12")
"""Equal cards of one box: whichever are asked for, the fabric takes the last."""


class Clock:
    """Seconds, moved by whoever waits."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(NOW.timestamp() + self.seconds, tz=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lab(db: None, settings: Any, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    """The lab behind a control plane that takes counts."""
    settings.HEDDLE_DATA_DIR = tmp_path
    monkeypatch.setattr(registry, "_SERVICES", {})
    pool = sync_pool_file(path_or_name="lab", now=NOW)
    with lent(answering(Face(path=emulated_fabric_of(pool), clock=clock, boxes=boxes_of(pool)))) as url:
        FabricManager.objects.update(driver="counted", endpoint=url)
        set_credentials(manager=FabricManager.objects.get(pool=pool), user="operator", password="simulated")
        yield pool


def driver_of(pool: Pool, clock: Clock) -> CountedDriver:
    return cast(CountedDriver, driver_for(FabricManager.objects.get(pool=pool), clock=clock))


def opened(pool: Pool, blocks: Sequence[str]) -> Composition:
    return open_composition(
        pool=pool,
        host=Host.objects.get(pool=pool, code="host-01"),
        blocks=list(ResourceBlock.objects.filter(pool=pool, code__in=blocks)),
        owner="r-1",
        node=0,
        role="node",
        generation=1,
        tag="heddle-r-1-n0-g1",
        now=NOW,
    )


def arguments(composition: Composition, driver: CountedDriver, clock: Clock) -> dict[str, Any]:
    return {
        "composition": composition,
        "driver": driver,
        "attempt": 1,
        "fence": 1,
        "clock": clock.now,
        "wait": clock.wait,
        "is_current": lambda: True,
        "on_step": lambda step: None,
    }


def lived(
    composition: Composition, driver: CountedDriver, clock: Clock
) -> tuple[NodeResult, dict[str, str], NodeResult]:
    """How it was composed, the states of its equals then, and how it was released."""
    composed = compose_node(**arguments(composition, driver, clock))
    states = dict(ResourceBlock.objects.filter(code__in=FIRST + LAST).values_list("code", "state"))
    composition.refresh_from_db()
    return composed, states, release_node(**arguments(composition, driver, clock))


def test_a_node_is_composed_and_released(lab: Pool, clock: Clock) -> None:
    with closing(driver_of(lab, clock)) as driver:
        composition = opened(lab, LAST)
        composed, states, released = lived(composition, driver, clock)

    assert (composed.outcome, composed.exchanged, released.outcome) == (NodeOutcome.COMPOSED, {}, NodeOutcome.RELEASED)
    assert states == {**dict.fromkeys(FIRST, BlockState.FREE), **dict.fromkeys(LAST, BlockState.ATTACHED)}
    assert [device["block"] for device in composition.access["devices"]] == list(LAST)
    assert set(ResourceBlock.objects.filter(pool=lab).values_list("state", flat=True)) == {BlockState.FREE}


def test_what_the_fabric_took_instead_becomes_the_node(lab: Pool, clock: Clock) -> None:
    with closing(driver_of(lab, clock)) as driver:
        composition = opened(lab, FIRST)
        composed, states, released = lived(composition, driver, clock)

    assert (composed.outcome, released.outcome) == (NodeOutcome.COMPOSED, NodeOutcome.RELEASED)
    assert sorted(composed.exchanged) == list(FIRST)
    assert sorted(composed.exchanged.values()) == list(LAST)
    assert states == {**dict.fromkeys(FIRST, BlockState.FREE), **dict.fromkeys(LAST, BlockState.ATTACHED)}
    assert [device["block"] for device in composition.access["devices"]] == list(LAST)
    assert set(ResourceBlock.objects.filter(pool=lab).values_list("state", flat=True)) == {BlockState.FREE}


def test_the_device_that_failed_is_to_blame_and_not_the_one_it_was_taken_for(lab: Pool, clock: Clock) -> None:
    bad, good = LAST[1], LAST[0]
    set_fault(path=emulated_fabric_of(lab), kind=FaultKind.BIND_FAILURE, blocks=[bad])
    with closing(driver_of(lab, clock)) as driver:
        composed, states, _ = lived(opened(lab, FIRST), driver, clock)
        shown = {seen.block: (seen.host, seen.is_clean) for seen in driver.find(tag="", blocks=(*FIRST, *LAST))}

    assert (composed.outcome, sorted(composed.failed_blocks)) == (NodeOutcome.UNDONE, [bad])
    assert {code: states[code] for code in (*FIRST, good)} == dict.fromkeys((*FIRST, good), BlockState.FREE)
    assert shown == dict.fromkeys((*FIRST, *LAST), (None, True))


def test_a_node_in_use_gives_one_device_back_for_another(lab: Pool, clock: Clock) -> None:
    gone, kept = LAST
    asked, given = FIRST
    with closing(driver_of(lab, clock)) as driver:
        composition = opened(lab, LAST)
        composed = compose_node(**arguments(composition, driver, clock))
        resize = open_resize(
            composition=composition,
            adds=[asked],
            removes=[gone],
            settings={},
            reason="a test",
            now=clock.now(),
        )
        changed = resize_node(resize=resize, **arguments(composition, driver, clock))
        machine = driver.read(composition.tag)
        states = dict(ResourceBlock.objects.filter(code__in=FIRST + LAST).values_list("code", "state"))
        composition.refresh_from_db()
        released = release_node(**arguments(composition, driver, clock))

    assert (composed.outcome, changed.outcome, released.outcome) == (
        NodeOutcome.COMPOSED,
        NodeOutcome.RESIZED,
        NodeOutcome.RELEASED,
    )
    assert changed.exchanged == {asked: given}
    assert machine is not None
    assert machine.blocks == {given, kept}
    assert [device["block"] for device in composition.access["devices"]] == [given, kept]
    assert states == {
        **dict.fromkeys((asked, gone), BlockState.FREE),
        **dict.fromkeys((given, kept), BlockState.ATTACHED),
    }


def test_the_inventory_is_the_pools_own(lab: Pool, clock: Clock) -> None:
    with closing(driver_of(lab, clock)) as driver:
        inventory = driver.inventory()

    rows = ResourceBlock.objects.filter(pool=lab).order_by("code").values_list("code", "device_class__code")
    hosts = Host.objects.filter(pool=lab).order_by("code").values_list("code", flat=True)
    assert [(device.block, device.device_class) for device in inventory.devices] == list(rows)
    assert [host.code for host in inventory.hosts] == list(hosts)
    assert (inventory.machines, inventory.is_complete) == ((), True)


def test_an_operator_names_it_by_command(lab: Pool, capsys: pytest.CaptureFixture[str]) -> None:
    manager = FabricManager.objects.get(pool=lab)
    FabricManager.objects.update(driver="emulator")

    call_command("fabric_manager", "lab", manager.code, "--driver", "counted", "--endpoint", manager.endpoint)

    devices = ResourceBlock.objects.filter(pool=lab).count()
    assert capsys.readouterr().out == f"{manager.code} is driven by counted, which shows {devices} devices.\n"


def test_a_box_is_what_makes_equal_cards_equal_for_a_plan_too(lab: Pool) -> None:
    boxes = boxes_of(lab)
    rows = ResourceBlock.objects.filter(pool=lab).order_by("code")

    told = {(row.device_class_id, boxes[row.code]): set[tuple[object, ...]]() for row in rows}
    for row in rows:
        told[row.device_class_id, boxes[row.code]].add((row.pru_id, row.zone_id, row.switch, row.bridge_group))
    assert {len(kinds) for kinds in told.values()} == {1}
