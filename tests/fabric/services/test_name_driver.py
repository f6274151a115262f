"""An operator names a driver: it is asked before it is believed, and never under a node that is composed."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from fabric.drivers.credentials import Credentials
from fabric.models import FabricManager, Host, Pool, ResourceBlock
from fabric.redfish_simulator.face import Face
from fabric.services.compositions import open_composition
from fabric.services.credentials import credentials_of
from fabric.services.drivers import emulated_fabric_of
from fabric.services.sync import sync_pool_file
from tests.contracts.redfish_world import serving

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def lab(db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pool:
    settings.HEDDLE_DATA_DIR = tmp_path
    monkeypatch.setattr("sys.stdin", StringIO("simulated\n"))
    return sync_pool_file(path_or_name="lab", now=NOW)


def named(pool: Pool, *arguments: str) -> str:
    out = StringIO()
    call_command("fabric_manager", pool.code, FabricManager.objects.get(pool=pool).code, *arguments, stdout=out)
    return out.getvalue()


def redfish(url: str) -> tuple[str, ...]:
    return ("--driver", "redfish", "--endpoint", url)


def test_a_driver_is_named_when_its_service_answers_and_stays_when_the_pool_is_loaded_again(lab: Pool) -> None:
    with serving(Face(path=emulated_fabric_of(lab), clock=lambda: 0.0)) as url:
        told = named(lab, *redfish(url), "--user", "operator", "--profile", '{"auth": "basic"}')
        sync_pool_file(path_or_name="lab", now=NOW)
    manager = FabricManager.objects.get(pool=lab)

    assert f"driven by redfish, which shows {ResourceBlock.objects.filter(pool=lab).count()} devices" in told
    assert (manager.driver, manager.endpoint, manager.profile) == ("redfish", url, {"auth": "basic"})
    assert credentials_of(manager) == Credentials("operator", "simulated")


def test_credentials_stay_with_their_host_and_are_never_sent_to_another(lab: Pool) -> None:
    with serving(Face(path=emulated_fabric_of(lab), clock=lambda: 0.0)) as url:
        named(lab, *redfish(url), "--user", "operator")
        again = named(lab, *redfish(f"{url}/redfish/v1"))
        kept = FabricManager.objects.get(pool=lab).sealed_credentials
        elsewhere = url.replace("127.0.0.1", "localhost")
        with pytest.raises(CommandError, match="refuses our credentials"):
            named(lab, *redfish(elsewhere))
        named(lab, "--driver", "emulator")

    assert ("36 devices" in again, kept != "") == (True, True)
    assert FabricManager.objects.get(pool=lab).sealed_credentials == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--endpoint", "fabric.example"), "begins with https"),
        (("--endpoint", "http://127.0.0.1:9", "--profile", '{"vendor": "x"}'), "has no vendor"),
        (("--endpoint", "http://127.0.0.1:9"), "could not be asked to log us in"),
        (("--profile", "{"), "not JSON"),
        (("--profile", "[]"), "an object"),
    ],
)
def test_what_does_not_work_changes_nothing(lab: Pool, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        named(lab, "--driver", "redfish", *arguments)

    assert FabricManager.objects.get(pool=lab).driver == "emulator"


def test_nothing_is_changed_under_a_node_that_is_composed(lab: Pool) -> None:
    open_composition(
        pool=lab,
        host=Host.objects.get(pool=lab, code="host-01"),
        blocks=list(ResourceBlock.objects.filter(pool=lab, code="pru-02-s09")),
        owner="r-1",
        node=0,
        role="node",
        generation=1,
        tag="heddle-r-1-n0-g1",
        now=NOW,
    )

    with pytest.raises(CommandError, match="1 nodes are composed"):
        named(lab, "--driver", "emulator")


def test_a_manager_that_is_not_there_is_refused_with_those_that_are(lab: Pool) -> None:
    code = FabricManager.objects.get(pool=lab).code

    with pytest.raises(CommandError, match=f"there are: lab {code}"):
        call_command("fabric_manager", "lab", "none", "--driver", "emulator")
