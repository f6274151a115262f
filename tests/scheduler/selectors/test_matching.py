"""What a selector answers for a device: CEL's own rules, with what is missing neither true nor false."""

import pytest

from fabric.catalogue import load_catalogue
from fabric.catalogue.attributes import further_facts
from scheduler.selectors import BLOCK_ATTRIBUTES, Attributes, attributes_of_block, parse
from scheduler.selectors.attributes import Kind, kind_of
from tests.shipped import lab

GPU: Attributes = {
    "kind": "gpu",
    "name": "NVIDIA H100 NVL",
    "memory_gib": 94,
    "tdp_w": 400,
    "has_mig": True,
    "rate_usd_per_hour": 3.07,
}


@pytest.mark.parametrize(
    ("text", "is_matched"),
    [
        ("true", True),
        ("false", False),
        ("device.kind == 'gpu'", True),
        ('device.kind == "gpu"', True),
        ("device.kind != 'gpu'", False),
        ("device.memory_gib >= 94", True),
        ("device.memory_gib > 94", False),
        ("device.memory_gib < 94.5", True),
        ("device.memory_gib == 94.0", True),
        ("93 <= device.memory_gib", True),
        ("device.rate_usd_per_hour < -1", False),
        ("device.has_mig", True),
        ("!device.has_mig", False),
        ("!!device.has_mig", True),
        ("device.has_mig == false", False),
        ("device.kind in ['xpu', 'gpu']", True),
        ("device.tdp_w in [350, 450]", False),
        ("!(device.kind in ['xpu'])", True),
        ("device.name.startsWith('NVIDIA')", True),
        ("device.name.endsWith('SXM')", False),
        ('device.name.contains("H100")', True),
        ("device.kind < 'nvme'", True),
        ("'a\\'b' == \"a'b\"", True),
        ("device.kind == 'gpu' && device.memory_gib >= 40 && device.tdp_w <= 400", True),
        ("device.kind == 'xpu' || device.kind == 'fpga' || device.kind == 'gpu'", True),
        ("true || false && false", True),
        ("(true || false) && false", False),
        ("!false || true", True),
    ],
)
def test_what_a_device_answers(text: str, is_matched: bool) -> None:
    assert parse(text).matches(GPU) is is_matched


@pytest.mark.parametrize(
    ("text", "is_matched"),
    [
        ("device.bar_gib > 1", False),
        ("device.bar_gib != 1", False),
        ("!(device.bar_gib > 1)", False),
        ("device.bar_gib in [1]", False),
        ("device.form_factor.contains('x')", False),
        ("device.bar_gib > 1 || device.kind == 'gpu'", True),
        ("device.kind == 'gpu' || device.bar_gib > 1", True),
        ("device.bar_gib > 1 && device.kind == 'gpu'", False),
        ("!(device.bar_gib > 1 && device.kind == 'xpu')", True),
        ("has(device.bar_gib)", False),
        ("!has(device.bar_gib) && has(device.kind)", True),
    ],
)
def test_what_a_device_has_not_does_not_match(text: str, is_matched: bool) -> None:
    assert parse(text).matches(GPU) is is_matched


def test_a_class_alone_cannot_say_no_where_its_blocks_are_asked() -> None:
    near = parse("device.kind == 'gpu' && device.zone == 'zone-a'")

    assert (near.is_about_blocks, near.matches(GPU), near.may_match(GPU)) == (True, False, True)
    assert parse("device.kind == 'nvme' && device.zone == 'zone-a'").may_match(GPU) is False
    assert parse("has(device.switch)").may_match(GPU) is True
    assert parse("device.kind == 'gpu'").is_about_blocks is False


def test_what_a_block_is_asked_for() -> None:
    world = lab()

    own = attributes_of_block(world.blocks["pru-02-s09"], world)

    assert {name: own[name] for name in BLOCK_ATTRIBUTES if name in own} == {
        "code": "pru-02-s09",
        "pru": "pru-02",
        "switch": "sw2",
        "slot": 9,
        "zone": "zone-1",
        "rack": "rack-1",
        "mig_capable": True,
        "bridged": False,
    }
    assert own["device_class"] == "nvidia-a100-pcie-80gb"


def test_every_attribute_of_the_catalogue_is_known_with_its_kind() -> None:
    kinds = {str: Kind.TEXT, bool: Kind.TRUTH, int: Kind.NUMBER, float: Kind.NUMBER}

    wrong = {
        (name, type(value))
        for code, entry in load_catalogue().entries.items()
        for name, value in further_facts(code, entry.entry)["attributes"].items()
        if kind_of(name) is not kinds[type(value)]
    }

    assert wrong == set()
