"""Presets for everybody: every pool that has what one needs grants it while it is empty, and others say why not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from fabric.topology import PoolTopology
from portal.runtime.paths import CHECKOUT
from scheduler import limits
from scheduler.presets import ShippedPreset, shipped_presets
from scheduler.queries.suits import reason_against
from tests.shipped import lab, pod, scale
from tests.worlds import snapshot

CODES = ["llm-serving", "fine-tune", "big-memory", "inference-burst", "storage-heavy"]


def preset(code: str) -> ShippedPreset:
    return next(one for one in shipped_presets() if one.code == code)


def without(world: PoolTopology, *kinds: str) -> PoolTopology:
    left = {code: block for code, block in world.blocks.items() if world.classes[block.device_class].kind not in kinds}
    return replace(world, blocks=left)


def test_they_are_the_five_that_people_ask_for_in_this_order() -> None:
    assert [one.code for one in shipped_presets()] == CODES


@pytest.mark.parametrize("world", [lab, pod, scale])
@pytest.mark.parametrize("code", CODES)
def test_every_shipped_pool_grants_it_while_empty(code: str, world: Callable[[], PoolTopology]) -> None:
    assert reason_against(preset=preset(code), seen=snapshot(world())) == ""


@pytest.mark.parametrize(
    ("code", "kinds", "reason"),
    [
        (
            "storage-heavy",
            ("nvme",),
            "Nothing in the pool matches the selector; "
            "of what the catalogue knows it matches KIOXIA CM7-R NVMe 15.36 TB.",
        ),
        ("big-memory", ("gpu",), "The pool has 0 usable devices of NVIDIA H200 NVL 141GB; 1 are asked for."),
    ],
)
def test_a_pool_that_lacks_something_says_so(code: str, kinds: tuple[str, ...], reason: str) -> None:
    assert reason_against(preset=preset(code), seen=snapshot(without(lab(), *kinds))) == reason


@pytest.mark.parametrize("code", CODES)
def test_each_says_what_it_is_for_how_long_it_lasts_and_has_a_picture(code: str) -> None:
    one = preset(code)

    assert 0 < len(one.name) <= limits.TITLE_CHARS_MAX
    assert 0 < len(one.purpose) <= limits.REASON_CHARS_MAX
    assert one.purpose.endswith(".")
    assert 60 <= one.minutes <= 7 * 24 * 60
    assert f'id="i-{one.icon}"' in (CHECKOUT / "templates/_components/_icons.html").read_text()
