"""The whole language of a mix: what each way of asking is read as, and how each mistake in it is refused by name."""

from typing import Any

import pytest

from scheduler import limits
from scheduler.refusals import Invalid
from scheduler.requests import Affinity, Group, Line, Mix, OnFailure, Placement, Spread
from tests.scheduler.test_parsing import body, errors, line, parse, placed

GPU = {"device_class": "gpu-a", "count": 1}
TOO_DEEP = "(" * (limits.SELECTOR_DEPTH_MAX + 1) + "true" + ")" * (limits.SELECTOR_DEPTH_MAX + 1)


def lines_of(*lines: dict[str, Any]) -> tuple[Line, ...]:
    return parse(body(mix=[{"lines": list(lines)}])).mix.groups[0].lines


def messages(payload: dict[str, Any]) -> list[str]:
    with pytest.raises(Invalid) as caught:
        parse(payload)
    return [one.message for one in caught.value.errors]


def test_every_way_to_say_what_a_line_is_of() -> None:
    selected = {"selector": " device.kind == 'gpu' ", "count": 2}

    assert lines_of(
        GPU,
        selected,
        {"device_class": "gpu-a", "count": 3, "profile": "1g.10gb", "power_cap_w": 400},
        {"first_of": [{"device_class": "gpu-a", "count": 4}, selected]},
        {"first_of": [{"device_class": "gpu-a"}, {"selector": "true", "count": 1}], "count": 8},
    ) == (
        Line("gpu-a", 1),
        Line("", 2, selector="device.kind == 'gpu'"),
        Line("gpu-a", 3, profile="1g.10gb", power_cap_w=400),
        Line("", 4, first_of=(Line("gpu-a", 4), Line("", 2, selector="device.kind == 'gpu'"))),
        Line("", 8, first_of=(Line("gpu-a", 8), Line("", 1, selector="true"))),
    )


@pytest.mark.parametrize("group", [{}, {"lines": []}, {"lines": None}])
def test_a_group_without_lines_is_a_cpu_node(group: dict[str, Any]) -> None:
    assert parse(body(mix=[group])).mix == Mix((Group("", 1, ()),))


def test_every_placement_is_read() -> None:
    asked = {
        "p2p": True,
        "same_switch": True,
        "host": {"cores": 64, "memory_gib": 512},
        "spread": "rack",
        "nic_affinity": True,
        "storage_affinity": "switch",
        "rails": 2,
        "network": "rdma-1",
    }

    assert parse(placed(**asked)).mix.groups[0].placement == Placement(
        p2p=True,
        same_switch=True,
        host_cores=64,
        host_memory_gib=512,
        spread=Spread.RACK,
        nic_affinity=Affinity.PRU,
        storage_affinity=Affinity.SWITCH,
        rails=2,
        network="rdma-1",
    )


@pytest.mark.parametrize("nothing", [None, False])
def test_an_affinity_that_is_not_asked_for(nothing: object) -> None:
    assert parse(placed(nic_affinity=nothing)).mix.groups[0].placement == Placement()


def test_the_size_of_a_host_may_be_said_beside_the_lines() -> None:
    mix = [{"host": {"cores": 32}, "lines": [GPU]}]

    assert parse(body(mix=mix)).mix.groups[0].placement == Placement(host_cores=32)
    assert errors(body(mix=[{**mix[0], "placement": {"host": {"cores": 16}}}])) == [("mix[0].host", "invalid")]


def test_network_and_rails_of_the_whole_mix() -> None:
    request = parse(body(placement={"network": "rdma-1", "rails": 4}, pinned=True))

    assert (request.mix.network, request.mix.rails, request.pinned) == ("rdma-1", 4, True)
    assert (parse(body(placement=None)).mix.network, parse(body()).pinned) == (None, False)


def test_a_device_that_fails_fails_the_whole_unless_less_will_do() -> None:
    asked = [parse(body(on_failure=word)).on_failure for word in (None, "all", "degrade")]

    assert (parse(body()).on_failure, asked) == (
        OnFailure.ALL,
        [OnFailure.ALL, OnFailure.ALL, OnFailure.DEGRADE],
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"selector": "true"}, ("selector", "invalid")),
        ({"first_of": [GPU]}, ("first_of", "invalid")),
        ({"profile": "9g.90gb"}, ("profile", "unknown")),
        ({"profile": 3}, ("profile", "invalid")),
        ({"profile": "x" * (limits.NAME_CHARS_MAX + 1)}, ("profile", "too_long")),
        ({"power_cap_w": 0}, ("power_cap_w", "too_small")),
        ({"power_cap_w": 401}, ("power_cap_w", "too_large")),
        ({"power_cap_w": 10**30}, ("power_cap_w", "too_large")),
        ({"power_cap_w": "300"}, ("power_cap_w", "invalid")),
    ],
)
def test_what_is_wrong_beside_a_device_class(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert errors(line(**changes)) == [(f"mix[0].lines[0].{expected[0]}", expected[1])]


def test_slices_of_what_cannot_be_cut() -> None:
    drive = body(mix=[{"lines": [{"device_class": "nvme-a", "count": 1, "profile": "1g.10gb"}]}])

    assert messages(drive) == ["nvme-a cannot be cut into slices; leave it out."]
    assert messages(line(profile="2g.20gb")) == ["gpu-a is cut into 1g.10gb, 3g.40gb."]


def test_a_class_that_is_nearly_right_is_told_its_name() -> None:
    assert messages(line(device_class="gpu-aa")) == [
        "The catalogue has no device class “gpu-aa”. The nearest is “gpu-a”."
    ]


@pytest.mark.parametrize(
    ("selector", "code"),
    [
        ("device.kind = 'gpu'", "invalid"),
        ("device.memory_gib", "invalid"),
        ("device.memory_gb > 1", "invalid"),
        (TOO_DEEP, "invalid"),
        ("true " * limits.SELECTOR_CHARS_MAX, "invalid"),
        (7, "invalid"),
        (["true"], "invalid"),
        ("", "required"),
    ],
)
def test_selectors_that_cannot_be_read(selector: Any, code: str) -> None:
    field = "selector" if code == "invalid" else "device_class"

    assert errors(body(mix=[{"lines": [{"selector": selector, "count": 1}]}])) == [(f"mix[0].lines[0].{field}", code)]


@pytest.mark.parametrize(
    ("first_of", "expected"),
    [
        ([], (".first_of", "required")),
        ({}, (".first_of", "invalid")),
        ([GPU] * (limits.FIRST_OF_MAX + 1), (".first_of", "too_long")),
        ([7], (".first_of[0]", "invalid")),
        ([{"device_class": "gpu-a"}], (".first_of[0].count", "required")),
        ([{**GPU, "first_of": [GPU]}], (".first_of[0].first_of", "invalid")),
        ([{**GPU, "selector": "true"}], (".first_of[0].selector", "invalid")),
        ([GPU, {**GPU, "profile": "9g.90gb"}], (".first_of[1].profile", "unknown")),
    ],
)
def test_alternatives_that_cannot_be_read(first_of: Any, expected: tuple[str, str]) -> None:
    found = errors(body(mix=[{"lines": [{"first_of": first_of}]}]))

    assert found[0] == (f"mix[0].lines[0]{expected[0]}", expected[1])


def test_a_profile_beside_alternatives_belongs_into_each() -> None:
    assert errors(body(mix=[{"lines": [{"first_of": [GPU], "power_cap_w": 300}]}])) == [
        ("mix[0].lines[0].power_cap_w", "invalid")
    ]


def test_alternatives_that_multiply_too_far() -> None:
    pair = {"first_of": [GPU, GPU]}

    assert limits.CHOICES_MAX == 2**6
    assert len(lines_of(*[pair] * 6)) == 6
    assert errors(body(mix=[{"lines": [pair] * 7}])) == [("mix", "too_large")]


def test_alternatives_of_the_last_lines_count_too() -> None:
    full = {"lines": [GPU] * limits.LINES_PER_GROUP_MAX}
    last = {"lines": [{"first_of": [GPU, GPU]}] * 7}

    assert errors(body(mix=[*[full] * (limits.GROUPS_MAX - 1), last])) == [("mix", "too_large")]


def test_a_mix_has_a_bounded_number_of_selectors() -> None:
    selected = [{"selector": f"device.slot == {n}", "count": 1} for n in range(limits.SELECTORS_PER_MIX_MAX + 1)]

    assert len(lines_of(*selected[:-1])) == limits.SELECTORS_PER_MIX_MAX
    assert errors(body(mix=[{"lines": selected[:-1]}, {"lines": selected[-1:]}])) == [
        ("mix[1].lines[0].selector", "too_long")
    ]


def test_selectors_of_a_mix_are_bounded_together() -> None:
    long = {"selector": "true".ljust(limits.SELECTOR_CHARS_MAX), "count": 1}

    assert limits.SELECTOR_CHARS_PER_MIX_MAX == 2 * limits.SELECTOR_CHARS_MAX
    assert errors(body(mix=[{"lines": [long, long, {"selector": "true", "count": 1}]}])) == [
        ("mix[0].lines[2].selector", "too_long")
    ]


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ({"p2p": 1}, ("p2p", "invalid")),
        ({"spread": "zone"}, ("spread", "unknown")),
        ({"spread": True}, ("spread", "unknown")),
        ({"nic_affinity": "near"}, ("nic_affinity", "unknown")),
        ({"storage_affinity": 1}, ("storage_affinity", "unknown")),
        ({"rails": 0}, ("rails", "too_small")),
        ({"rails": limits.RAILS_MAX + 1}, ("rails", "too_large")),
        ({"network": "rdma-9"}, ("network", "unknown")),
        ({"host": 7}, ("host", "invalid")),
        ({"host": {"cores": 0}}, ("host.cores", "too_small")),
        ({"host": {"memory_gib": limits.HOST_MEMORY_GIB_MAX + 1}}, ("host.memory_gib", "too_large")),
        ({"host": {"gpus": 1}}, ("host.gpus", "unknown")),
    ],
)
def test_placements_that_cannot_be_read(placement: dict[str, Any], expected: tuple[str, str]) -> None:
    assert errors(placed(**placement)) == [(f"mix[0].placement.{expected[0]}", expected[1])]


def test_what_the_pool_has_is_named_where_something_else_was_asked_for() -> None:
    assert messages(placed(network="rdma-9")) == ["The pool has no RDMA network “rdma-9”; it has rdma-1."]
    assert messages(placed(host_class="huge")) == ["The pool has no host class “huge”; it has host-large."]
