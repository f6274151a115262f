"""A node of the lab, wired and taken apart by the executor through Redfish, from the row of its fabric manager."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from fabric.composing.nodes import compose_node, release_node
from fabric.composing.results import NodeOutcome
from fabric.drivers import registry
from fabric.drivers.redfish import RedfishDriver
from fabric.models import DeviceClass, FabricManager, Host, Pool, ResourceBlock
from fabric.redfish_simulator.face import Face
from fabric.services.compositions import open_composition
from fabric.services.credentials import set_credentials
from fabric.services.drivers import driver_for, emulated_fabric_of
from fabric.services.sync import sync_pool_file
from fabric.states import BlockState
from tests.contracts.redfish_world import serving

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BLOCKS = ("pru-02-s09", "pru-02-s10")


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
    """The lab behind a Redfish service."""
    settings.HEDDLE_DATA_DIR = tmp_path
    monkeypatch.setattr(registry, "_SERVICES", {})
    pool = sync_pool_file(path_or_name="lab", now=NOW)
    kinds = dict(DeviceClass.objects.values_list("code", "kind"))
    with serving(Face(path=emulated_fabric_of(pool), clock=clock, kinds=kinds)) as url:
        FabricManager.objects.update(driver="redfish", endpoint=url, profile={"auth": "session"})
        set_credentials(manager=FabricManager.objects.get(pool=pool), user="operator", password="simulated")
        yield pool


def driver_of(pool: Pool, clock: Clock) -> RedfishDriver:
    return cast(RedfishDriver, driver_for(FabricManager.objects.get(pool=pool), clock=clock))


def test_a_node_is_composed_and_released(lab: Pool, clock: Clock) -> None:
    with closing(driver_of(lab, clock)) as driver:
        composition = open_composition(
            pool=lab,
            host=Host.objects.get(pool=lab, code="host-01"),
            blocks=list(ResourceBlock.objects.filter(pool=lab, code__in=BLOCKS)),
            owner="r-1",
            node=0,
            role="node",
            generation=1,
            tag="heddle-r-1-n0-g1",
            now=NOW,
        )
        arguments: dict[str, Any] = {
            "composition": composition,
            "driver": driver,
            "attempt": 1,
            "fence": 1,
            "clock": clock.now,
            "wait": clock.wait,
            "is_current": lambda: True,
            "on_step": lambda step: None,
        }
        composed = compose_node(**arguments).outcome
        states = set(ResourceBlock.objects.filter(pool=lab, code__in=BLOCKS).values_list("state", flat=True))
        composition.refresh_from_db()
        released = release_node(**arguments).outcome

    assert (composed, states, released) == (NodeOutcome.COMPOSED, {BlockState.ATTACHED}, NodeOutcome.RELEASED)
    assert [device["block"] for device in composition.access["devices"]] == list(BLOCKS)
    assert set(ResourceBlock.objects.filter(code__in=BLOCKS).values_list("state", flat=True)) == {BlockState.FREE}


def test_the_inventory_is_the_pools_own(lab: Pool, clock: Clock) -> None:
    with closing(driver_of(lab, clock)) as driver:
        inventory = driver.inventory()

    rows = ResourceBlock.objects.filter(pool=lab).order_by("code").values_list("code", "device_class__code")
    assert [(device.block, device.device_class) for device in inventory.devices] == list(rows)
    assert (inventory.machines, inventory.is_complete) == ((), True)


def test_one_driver_serves_a_process_until_its_settings_change(lab: Pool, clock: Clock) -> None:
    first, second = driver_of(lab, clock), driver_of(lab, clock)
    FabricManager.objects.update(profile={"blocks_max": 4})
    third = driver_of(lab, clock)

    assert first is second
    assert third.capabilities().blocks_max == 4
    first.close()
    third.close()
