"""Which simulators have to run: switched only while nothing is composed, and never a manager that is an operator's."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fabric.drivers.credentials import Credentials
from fabric.models import DriverNote, FabricManager, Host, Pool, ResourceBlock
from fabric.services.compositions import open_composition
from fabric.services.credentials import credentials_of
from fabric.services.name_driver import StillWired
from fabric.services.simulators import USER, Simulator, login_of, settle
from fabric.services.sync import sync_pool_file

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PORT, OTHER_PORT = 41000, 42000


@pytest.fixture
def lab(db: None, settings: Any, tmp_path: Path) -> Pool:
    settings.HEDDLE_DATA_DIR = tmp_path
    return sync_pool_file(path_or_name="lab", now=NOW)


def settled(wanted: str | None, *before: Simulator, port: int = PORT) -> tuple[Simulator, ...]:
    return settle(wanted=wanted, before=before, choose_port=lambda old: port)


def manager(pool: Pool) -> FabricManager:
    return FabricManager.objects.get(pool=pool)


def compose(pool: Pool) -> None:
    open_composition(
        pool=pool,
        host=Host.objects.get(pool=pool, code="host-01"),
        blocks=list(ResourceBlock.objects.filter(pool=pool, code="pru-02-s09")),
        owner="r-1",
        node=0,
        role="node",
        generation=1,
        tag="heddle-r-1-n0-g1",
        now=NOW,
    )


def test_an_emulated_pool_needs_no_simulator(lab: Pool) -> None:
    assert settled(None) == settled("emulator") == ()
    assert manager(lab).driver == "emulator"


def test_a_pool_is_pointed_at_its_simulator_which_lets_the_portal_in(lab: Pool) -> None:
    running = settled("redfish")
    after = manager(lab)

    assert running == (Simulator("lab", "redfish", PORT),)
    assert (after.driver, after.endpoint) == ("redfish", f"http://127.0.0.1:{PORT}")
    assert after.profile["max_parallel_mutations"] == 4
    assert login_of(lab) == credentials_of(after)
    assert (credentials_of(after).user, len(credentials_of(after).password) >= 32) == (USER, True)


def test_without_a_wish_it_stays_as_it_was_even_at_another_port_and_with_nodes_composed(lab: Pool) -> None:
    before = settled("redfish")
    secret, notes = credentials_of(manager(lab)), DriverNote.objects
    notes.create(fabric_manager=manager(lab), op_key="c", kind="compose", tag="t", body={})
    FabricManager.objects.update(profile={"settle_seconds": 5}, events_cursor="7")
    compose(lab)

    running = settled(None, *before, port=OTHER_PORT)
    after = manager(lab)

    assert running == (Simulator("lab", "redfish", OTHER_PORT),)
    assert after.events_cursor == "7"
    assert (after.endpoint, after.profile) == (f"http://127.0.0.1:{OTHER_PORT}", {"settle_seconds": 5})
    assert (credentials_of(after) == secret, notes.count()) == (False, 1)


def test_it_goes_back_to_the_emulator_and_forgets_what_it_knew(lab: Pool) -> None:
    before = settled("redfish")
    DriverNote.objects.create(fabric_manager=manager(lab), op_key="c", kind="compose", tag="t", body={})
    FabricManager.objects.update(events_cursor="7")

    running = settled("emulator", *before)
    after = manager(lab)

    assert running == ()
    assert (after.driver, after.endpoint, after.profile) == ("emulator", "", {})
    assert (credentials_of(after), DriverNote.objects.count(), after.events_cursor) == (Credentials(), 0, "")
    with pytest.raises(LookupError):
        login_of(lab)


def test_nothing_is_switched_under_a_node_that_is_composed(lab: Pool) -> None:
    compose(lab)

    with pytest.raises(StillWired, match="1 nodes are composed"):
        settled("redfish")

    assert manager(lab).driver == "emulator"


@pytest.mark.parametrize("wanted", [None, "redfish", "emulator"])
def test_a_manager_that_speaks_to_a_real_service_is_left_alone(lab: Pool, wanted: str | None) -> None:
    FabricManager.objects.update(driver="redfish", endpoint="https://fabric.example")

    running = settled(wanted, Simulator("lab", "redfish", PORT))

    assert running == ()
    assert (manager(lab).driver, manager(lab).endpoint) == ("redfish", "https://fabric.example")
