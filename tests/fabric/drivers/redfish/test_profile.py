"""What an operator overlays, what a service says, and which of them is in force."""

from pathlib import Path

import pytest

from fabric.drivers.base import Permanent
from fabric.drivers.redfish import Profile, overlaid
from fabric.drivers.redfish.profile import Creating, Effective, Origin, Resizing, effective
from tests.contracts.redfish_world import RedfishWorld


def test_an_operator_outranks_the_defaults() -> None:
    profile = overlaid({"auth": "basic", "settle_seconds": 20, "resizing": "patch", "clean_actions": ["#Drive.Reset"]})

    assert (profile.auth, profile.settle_seconds, profile.resizing) == ("basic", 20.0, Resizing.PATCH)
    assert profile.clean_actions == ("#Drive.Reset",)
    assert profile.max_parallel_mutations == Profile().max_parallel_mutations == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"vendor": "x"},
        {"auth": "kerberos"},
        {"settle_seconds": "long"},
        {"max_parallel_mutations": True},
        {"needs_host_off": 1},
        {"classes": []},
    ],
)
def test_what_the_profile_does_not_have_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Permanent, match=next(iter(wrong))):
        overlaid(wrong)


def test_every_value_in_force_has_an_origin() -> None:
    lines = effective(operator={"needs_host_off": True}, found={"creating": "post", "needs_host_off": False})
    by_name = {line.name: line for line in lines}

    assert by_name["needs_host_off"] == Effective("needs_host_off", True, Origin.OPERATOR)
    assert by_name["creating"] == Effective("creating", "post", Origin.SERVICE)
    assert by_name["resizing"] == Effective("resizing", Resizing.AUTO, Origin.DEFAULT)


def test_the_driver_tells_what_it_goes_by(tmp_path: Path) -> None:
    world = RedfishWorld(tmp_path, blocks_max=8)
    try:
        driver = world.another_driver()
        lines = {line.name: (line.value, line.origin) for line in driver.effective_profile()}
    finally:
        world.close()

    assert lines["blocks_max"] == (8, Origin.OPERATOR)
    assert lines["creating"] == ("post or manifest", Origin.SERVICE)
    assert driver.capabilities().blocks_max == 8
    assert Creating.AUTO == Profile().creating
