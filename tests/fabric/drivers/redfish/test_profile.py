"""What the Redfish driver goes by: its defaults, what the service says, what an operator says."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fabric.drivers.base import Permanent
from fabric.drivers.profiles import Effective, Origin, overlaid
from fabric.drivers.redfish import Profile
from fabric.drivers.redfish.profile import Resizing
from fabric.models import FabricManager
from fabric.services.credentials import set_credentials
from fabric.services.drivers import driver_for, effective_profile
from fabric.services.sync import sync_pool_file
from tests.contracts.redfish_world import RedfishWorld

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_an_operator_outranks_the_defaults() -> None:
    told = {"auth": "basic", "settle_seconds": 20, "resizing": "patch", "clean_actions": ["#Drive.Reset"]}

    profile = overlaid(Profile(), told)

    assert (profile.auth, profile.settle_seconds, profile.resizing) == ("basic", 20.0, Resizing.PATCH)
    assert profile.clean_actions == ("#Drive.Reset",)
    assert profile.max_parallel_mutations == Profile().max_parallel_mutations == 1


def test_the_driver_tells_what_it_goes_by(tmp_path: Path) -> None:
    with closing(RedfishWorld(tmp_path, blocks_max=8)) as world:
        driver = world.another_driver()
        found, capabilities = driver.found(), driver.capabilities()

    assert found["creating"] == "post or manifest"
    assert capabilities.blocks_max == 8


def test_what_is_in_force_comes_from_the_service_where_it_answers(db: None, settings: Any, tmp_path: Path) -> None:
    settings.HEDDLE_DATA_DIR = tmp_path
    manager = FabricManager.objects.select_related("pool").get(pool=sync_pool_file(path_or_name="lab", now=NOW))
    with closing(RedfishWorld(tmp_path)) as world:
        manager.driver, manager.endpoint, manager.profile = "redfish", world.url, {"auth": "basic"}
        set_credentials(manager=manager, user="operator", password="simulated")
        with closing(driver_for(manager)):  # type: ignore[type-var]
            there = {line.name: line for line in effective_profile(manager)}
    manager.endpoint = "http://127.0.0.1:9"
    set_credentials(manager=manager, user="operator", password="simulated")
    with closing(driver_for(manager)):  # type: ignore[type-var]
        away = {line.name: line for line in effective_profile(manager)}

    meaning = "how a system is made: by POST, by the Compose action, or what works"
    assert there["creating"] == Effective("creating", "post or manifest", Origin.SERVICE, meaning)
    assert away["creating"] == Effective("creating", "auto", Origin.DEFAULT, meaning)
    assert (there["auth"].value, there["auth"].origin) == ("basic", Origin.OPERATOR)


def test_a_profile_that_is_wrong_makes_no_driver(tmp_path: Path) -> None:
    with closing(RedfishWorld(tmp_path)) as world, pytest.raises(Permanent, match="no vendor"):
        world.another_driver(vendor="x")
