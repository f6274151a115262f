"""The house that the tests of services and queries live in."""

from functools import cache
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from fabric.models import FabricManager
from fabric.pools import ParsedPool, load_pool
from fabric.services.drivers import driver_for, emulator_path_of
from fabric.services.sync import sync_pool
from scheduler.queries import boards
from tests.scheduler.services.house import MONDAY, Clock, House, Truth, people


@cache
def lab() -> ParsedPool:
    """Read once: hundreds of houses stand in it."""
    return load_pool("lab")


@pytest.fixture
def house(db: None, settings: Settings, tmp_path: Path) -> House:
    boards.forget()
    settings.HEDDLE_DATA_DIR = tmp_path
    pool = sync_pool(parsed=lab(), now=MONDAY)
    pool.simulation = {**pool.simulation, "latency_scale": 0}
    pool.save(update_fields=["simulation"])
    alice, charlie = people(pool)
    boards._keep(pool.code, boards.board(pool_code=pool.code))  # a test's transaction would read it anew each time
    return House(pool=pool, clock=Clock(), alice=alice, charlie=charlie)


@pytest.fixture
def truth(house: House) -> Truth:
    driver_for(FabricManager.objects.get(pool=house.pool))  # the first use makes the file
    return Truth(emulator_path_of(house.pool))
