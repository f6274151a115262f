"""From a pool's rows to its driver: the emulated lab, made on first use, and its command."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from fabric.composing.nodes import compose_node, release_node
from fabric.composing.results import NodeOutcome
from fabric.drivers.base import CardSetting, Driver, Pending, Permanent
from fabric.drivers.registry import NoSuchDriver
from fabric.models import FabricManager, Host, Pool, ResourceBlock
from fabric.services.compositions import open_composition
from fabric.services.drivers import driver_for, emulator_path_of
from fabric.services.sync import sync_pool_file

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def lab(db: None, settings: Any, tmp_path: Path) -> Pool:
    settings.HEDDLE_DATA_DIR = tmp_path
    return sync_pool_file(path_or_name="lab", now=NOW)


def driver_of(pool: Pool, clock: float = 0.0) -> Driver:
    return driver_for(FabricManager.objects.get(pool=pool), clock=lambda: clock)


def emulator(*arguments: str) -> Any:
    out = StringIO()
    call_command("emulator", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_labs_emulator_is_made_on_first_use_with_every_block_and_host(lab: Pool, tmp_path: Path) -> None:
    is_there_before = emulator_path_of(lab).exists()
    devices = driver_of(lab).inventory().devices

    assert (is_there_before, emulator_path_of(lab)) == (False, tmp_path / "emulator" / "lab.sqlite3")
    assert {device.block for device in devices} == set(ResourceBlock.objects.values_list("code", flat=True))
    assert len({device.serial for device in devices}) == len(devices) == 36
    assert {device.tag for device in devices} == {None}


def test_using_it_again_makes_nothing_and_a_larger_pool_lets_it_grow(lab: Pool, django_assert_num_queries: Any) -> None:
    manager = FabricManager.objects.select_related("pool").get(pool=lab)
    driver_for(manager)
    with django_assert_num_queries(2):
        driver_for(manager)

    block = ResourceBlock.objects.filter(pool=lab, slot_kind="bay").order_by("code")[0]
    block.pk, block.code = None, "pru-01-b99"
    block.save()

    assert len(driver_of(lab).inventory().devices) == 37


def test_only_the_cards_that_the_pool_file_allows_can_be_cut_and_only_into_their_own_slices(lab: Pool) -> None:
    """Lab: the A100s in slots 9 to 12 of pru-02 are `mig_capable`; the H100s beside them have MIG and are not."""
    driver = driver_of(lab)
    a100, h100 = "pru-02-s09", "pru-02-s01"

    for block, layout in ((h100, {"1g.12gb": 7}), (a100, {"1g.12gb": 1}), (a100, {"7g.80gb": 2})):
        with pytest.raises(Permanent):
            driver.configure(op_key="no", tag="t-1", settings={block: CardSetting(layout=layout)})
    with pytest.raises(Permanent):
        driver.configure(op_key="no", tag="t-1", settings={a100: CardSetting(power_cap_w=301)})
    reply = driver.configure(op_key="s", tag="t-1", settings={a100: CardSetting({"1g.10gb": 7}, 300)})

    assert isinstance(reply, Pending)


def test_allowing_another_card_to_be_cut_reaches_the_emulator(lab: Pool) -> None:
    """One more and one less: the number of them is the same."""
    driver_of(lab)
    ResourceBlock.objects.filter(code="pru-02-s09").update(is_mig_capable=False)
    ResourceBlock.objects.filter(code="pru-02-s01").update(is_mig_capable=True)

    driver = driver_of(lab)
    driver.configure(op_key="s", tag="t-1", settings={"pru-02-s01": CardSetting(layout={"1g.12gb": 7})})

    with pytest.raises(Permanent):
        driver.configure(op_key="no", tag="t-2", settings={"pru-02-s09": CardSetting(layout={"1g.10gb": 7})})


def test_a_manager_with_an_unknown_driver_is_refused_by_name(lab: Pool) -> None:
    FabricManager.objects.update(driver="telepathy")

    with pytest.raises(NoSuchDriver, match="no driver 'telepathy'; there are counted, emulator, redfish"):
        driver_of(lab)


def test_a_node_on_the_host_that_reboots_is_composed_and_released(lab: Pool) -> None:
    """host-04 cannot hot-add; its 240 s count."""
    moment = [0.0]
    driver = driver_for(FabricManager.objects.get(pool=lab), clock=lambda: moment[0])
    composition = open_composition(
        pool=lab,
        host=Host.objects.get(pool=lab, code="host-04"),
        blocks=list(ResourceBlock.objects.filter(pool=lab, code__in=["pru-02-s09", "pru-02-s10"])),
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
        "clock": lambda: datetime.fromtimestamp(NOW.timestamp() + moment[0], tz=UTC),
        "wait": lambda seconds: moment.__setitem__(0, moment[0] + seconds),
        "is_current": lambda: True,
        "on_step": lambda step: None,
    }

    composed = compose_node(**arguments).outcome
    seconds = moment[0]
    released = release_node(**arguments).outcome

    assert (composed, released) == (NodeOutcome.COMPOSED, NodeOutcome.RELEASED)
    assert 240 < seconds < 400


def test_the_command_shows_the_fabrics_own_truth(lab: Pool) -> None:
    driver_of(lab).compose(op_key="c", tag="t-1", host="host-01", blocks=("pru-02-s01",))

    shown = emulator("show")

    block = next(block for block in shown["blocks"] if block["code"] == "pru-02-s01")
    assert (block["state"], block["host"], block["machine"], block["tag"]) == ("attached", "host-01", "t-1", "t-1")
    assert shown["machines"] == [{"tag": "t-1", "host": "host-01", "is_foreign": 0}]
    assert [operation["op_key"] for operation in shown["operations"]] == ["c"]
    assert shown["faults"] == []


def test_the_command_switches_faults_and_does_mischief(lab: Pool) -> None:
    switched = emulator(
        "fault", "--set", "bind_failure", "--probability", "0.5", "--block", "pru-02-s01", "--times", "2"
    )
    emulator("fault", "--from-pool", "--latency-scale", "0", "--vanish", "pru-02-s02", "--detach", "pru-02-s03")
    shown = emulator("show")
    cleared = emulator("fault", "--clear", "--come-back", "pru-02-s02")

    assert [(f["kind"], f["probability"], f["blocks"], f["times_left"]) for f in switched["faults"]] == [
        ("bind_failure", 0.5, ["pru-02-s01"], 2)
    ]
    assert [(f["kind"], f["probability"]) for f in shown["faults"]] == [("bind_failure", 0.5), ("bind_failure", 0.01)]
    assert shown["settings"]["latency_scale"] == 0
    assert [block["code"] for block in shown["blocks"] if block["state"] == "missing"] == ["pru-02-s02"]
    assert cleared["faults"] == []
    assert [block["code"] for block in emulator("show")["blocks"] if block["state"] != "free"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "--pool", "nowhere"], "Name one emulated pool with --pool; there are: lab."),
        (["fault", "--vanish", "gpu-99"], "There is no block gpu-99."),
        (["fault", "--set", "slow", "--probability", "2"], "A probability is between 0 and 1, not 2.0."),
        (["fault", "--latency-scale", "-1"], "The latency scale is 0 (instant) or more."),
        (["fault", "--attach", "pru-02-s01", "host-99", "stranger"], "There is no host host-99."),
    ],
)
def test_the_command_refuses_in_words(lab: Pool, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError) as refused:
        emulator(*arguments)

    assert str(refused.value) == message


def test_the_command_speaks_to_people_too(lab: Pool) -> None:
    emulator("fault", "--latency-scale", "0")
    driver_of(lab).configure(op_key="s", tag="t-1", settings={"pru-02-s09": CardSetting({"1g.10gb": 7}, 250)})
    driver_of(lab).compose(op_key="c", tag="t-1", host="host-01", blocks=("pru-02-s01", "pru-02-s09"))
    out = StringIO()

    call_command("emulator", "show", stdout=out)

    lines = out.getvalue().splitlines()
    assert "block pru-02-s01  attached  host-01  t-1" in lines
    assert "block pru-02-s09  attached  host-01  t-1  cut into 7 × 1g.10gb and held to 250 W" in lines
    assert "machine t-1 on host-01" in lines
