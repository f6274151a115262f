"""Which device takes the place of one that failed, in a plan that is otherwise kept."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from fabric.topology import PoolTopology
from scheduler.planning.plan import NodePlan, PathReport, Plan, Setting
from scheduler.planning.replacing import Replaced, Standing, filled, replaced, without
from scheduler.planning.window import pad
from scheduler.requests import ReservationRequest
from tests.worlds import (
    CLASSES,
    GPU,
    NIC,
    NOW,
    POLICY,
    ask,
    cards,
    commitments_of,
    device_class,
    group,
    host,
    ports,
    pru,
    snapshot,
    system,
    taken,
    topology,
    with_block,
    with_host,
)

BLOCKS = [*cards("pru-1", GPU, 6, per_switch=3), *cards("pru-2", GPU, 2)]
WORLD = topology(hosts=[host("host-1"), host("host-2")], prus=[pru("pru-1"), pru("pru-2")], blocks=BLOCKS)
PAIRS = topology(hosts=[host("host-1")], prus=[pru("pru-1")], blocks=cards("pru-1", GPU, 6, bridge=2))
MINE = ("pru-1-s01", "pru-1-s02")
TWO = ask(group((GPU, 2)))


def planned(request: ReservationRequest, *blocks: str, on: str = "host-1", **node: Any) -> Plan:
    """One node with these blocks, joined to their PRUs over plane-0."""
    busy_from, busy_until = pad(window=request.window, policy=POLICY, now=NOW)
    prus = {block.rpartition("-")[0] for block in blocks}
    planes = node.pop("planes", dict.fromkeys(sorted(prus), "plane-0"))
    one = NodePlan(0, 0, "", on, tuple(sorted(blocks)), planes=planes, **node)
    window = request.window
    return Plan("tiny", 7, window.starts_at, window.ends_at, busy_from, busy_until, (one,))


def standing(
    world: PoolTopology, plan: Plan, request: ReservationRequest | None = TWO, *, others: Sequence[Any] = ()
) -> Standing:
    """The reservation holds its plan, beside what others hold."""
    held = [*commitments_of(plan, reservation="r-mine", project="team-chat"), *others]
    seen = snapshot(world, commitments=held)
    return Standing(reservation="r-mine", project="team-chat", plan=plan, snapshot=seen, request=request)


def given(found: Replaced | None) -> dict[str, str] | None:
    return None if found is None else dict(found.given)


def swapped(world: PoolTopology, *failed: str, **around: Any) -> dict[str, str] | None:
    return given(replaced(standing=standing(world, planned(TWO, *MINE), **around), node=0, failed=failed))


def test_one_of_the_same_switch_takes_the_place() -> None:
    before = planned(TWO, *MINE, paths=PathReport({"PIX": 1}, 0.0, 0.0, None, 400))

    found = replaced(standing=standing(WORLD, before), node=0, failed=["pru-1-s02"])

    assert found is not None and given(found) == {"pru-1-s02": "pru-1-s03"}
    node = found.plan.nodes[0]
    assert (node.host, node.blocks, node.planes) == ("host-1", ("pru-1-s01", "pru-1-s03"), {"pru-1": "plane-0"})
    assert node.paths is not None and (node.paths.pairs, node.paths.network_gbit_per_s) == ({"PIX": 1}, 400)
    assert replace(found.plan, nodes=()) == replace(before, nodes=())


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (["pru-1-s03"], "pru-1-s04"),  # the next switch of the same PRU
        (["pru-1-s03", "pru-1-s04", "pru-1-s05", "pru-1-s06"], "pru-2-s01"),  # another PRU
        (["pru-1-s03", "pru-1-s04", "pru-1-s05", "pru-1-s06", "pru-2-s01", "pru-2-s02"], None),
    ],
)
def test_else_the_nearest_that_is_nobodys(held: list[str], expected: str | None) -> None:
    found = swapped(WORLD, "pru-1-s02", others=taken(*held, host="host-2", with_host=False))

    assert found == (expected and {"pru-1-s02": expected})


def test_a_new_link_takes_a_plane_and_one_that_is_not_needed_is_given_up() -> None:
    two_planes = topology(
        hosts=[host("host-1", ports=ports("plane-0", "plane-1"))],
        prus=[pru("pru-1"), pru("pru-2", uplinks=ports("plane-1", "plane-1"))],
        blocks=[*cards("pru-1", GPU, 1), *cards("pru-2", GPU, 2)],
    )
    plan = planned(ask(group((GPU, 1))), "pru-1-s01")

    found = replaced(standing=standing(two_planes, plan, None), node=0, failed=["pru-1-s01"])

    assert found is not None and (found.plan.nodes[0].blocks, found.plan.nodes[0].planes) == (
        ("pru-2-s01",),
        {"pru-2": "plane-1"},
    )


def test_without_a_port_for_a_new_link_there_is_none() -> None:
    one_port = with_host(WORLD, "host-1", ports=ports("plane-0"))
    held = taken(*(f"pru-1-s{slot:02d}" for slot in (3, 4, 5, 6)), host="host-2", with_host=False)

    assert swapped(one_port, "pru-1-s02", others=held) is None


@pytest.mark.parametrize("change", [{"is_usable": False}, {"zone": "zone-2"}, {"device_class": "gpu-b"}])
def test_what_is_out_of_service_elsewhere_or_of_another_class_does_not(change: dict[str, Any]) -> None:
    world = with_block(WORLD, "pru-1-s03", **change)

    assert swapped(world, "pru-1-s02") == {"pru-1-s02": "pru-1-s04"}


def test_that_the_failed_one_or_another_is_out_of_service_is_not_held_against_it() -> None:
    world = with_block(with_block(WORLD, "pru-1-s01", is_usable=False), "pru-1-s02", is_usable=False)

    assert swapped(world, "pru-1-s02") == {"pru-1-s02": "pru-1-s03"}


def test_several_are_replaced_together_and_none_takes_its_own_place() -> None:
    assert swapped(WORLD, *MINE) == {"pru-1-s01": "pru-1-s03", "pru-1-s02": "pru-1-s04"}


def test_what_the_request_asked_for_is_kept() -> None:
    """Both on one switch, of which one other is free; after that only other switches are."""
    together = ask(group((GPU, 2), same_switch=True))
    plan = planned(together, *MINE)
    held = taken("pru-1-s03", host="host-2", with_host=False)

    assert given(replaced(standing=standing(WORLD, plan, together), node=0, failed=["pru-1-s02"])) == {
        "pru-1-s02": "pru-1-s03"
    }
    assert replaced(standing=standing(WORLD, plan, together, others=held), node=0, failed=["pru-1-s02"]) is None


def test_a_card_that_is_cut_is_replaced_by_one_that_may_be_and_is_set_alike() -> None:
    world = topology(
        hosts=[host("host-1")],
        prus=[pru("pru-1")],
        blocks=cards("pru-1", GPU, 3),
        classes=[device_class(GPU, mig_profiles={"1g": 7}, mig_instances_max=7), *CLASSES[1:]],
    )
    world = with_block(with_block(world, "pru-1-s01", is_mig_capable=True), "pru-1-s03", is_mig_capable=True)
    cut = Setting(layout={"1g": 7}, power_cap_w=80)
    plan = planned(ask(group((GPU, 1))), "pru-1-s01", settings={"pru-1-s01": cut})

    found = replaced(standing=standing(world, plan, None), node=0, failed=["pru-1-s01"])

    assert found is not None and found.plan.nodes[0].settings == {"pru-1-s03": cut}


def test_a_bridged_pair_is_replaced_whole() -> None:
    plan = planned(TWO, *MINE)

    found = replaced(standing=standing(PAIRS, plan), node=0, failed=["pru-1-s02"])

    assert given(found) == {"pru-1-s01": "pru-1-s03", "pru-1-s02": "pru-1-s04"}


def test_or_not_at_all() -> None:
    held = taken("pru-1-s03", "pru-1-s06", host="host-2", with_host=False)

    assert replaced(standing=standing(PAIRS, planned(TWO, *MINE), others=held), node=0, failed=["pru-1-s02"]) is None


def test_half_a_pair_is_replaced_by_half_a_pair_where_the_request_waives_the_bridge() -> None:
    waived = ask(group((GPU, 1), allow_bridge_split=True))
    plan = planned(waived, "pru-1-s01")

    assert given(replaced(standing=standing(PAIRS, plan, waived), node=0, failed=["pru-1-s01"])) == {
        "pru-1-s01": "pru-1-s02"
    }


def test_a_fixed_system_is_neither_mended_nor_gone_without() -> None:
    machine, blocks = system("box-1", "board-a")
    world = topology(hosts=[machine], prus=[], blocks=blocks)
    plan = planned(ask(group(("board-a", 8))), *(block.code for block in blocks), on="box-1", planes={})

    assert replaced(standing=standing(world, plan, None), node=0, failed=["box-1-s01"]) is None
    assert without(standing=standing(world, plan, None), node=0, failed=["box-1-s01"]) is None


def test_a_node_in_use_must_have_room_for_old_and_new_at_once() -> None:
    """A fabric adds before it takes away."""
    full = with_host(WORLD, "host-1", max_accelerators=2)
    at_rest = standing(full, planned(TWO, *MINE))

    assert given(replaced(standing=at_rest, node=0, failed=["pru-1-s02"])) == {"pru-1-s02": "pru-1-s03"}
    assert replaced(standing=at_rest, node=0, failed=["pru-1-s02"], stays_on=True) is None
    roomy = standing(WORLD, planned(TWO, *MINE))
    assert given(replaced(standing=roomy, node=0, failed=["pru-1-s02"], stays_on=True)) == {"pru-1-s02": "pru-1-s03"}


def test_without_the_failed_one_its_setting_and_an_idle_link_are_given_up() -> None:
    plan = planned(TWO, "pru-1-s01", "pru-2-s01", settings={"pru-2-s01": Setting(power_cap_w=80)})

    left = without(standing=standing(WORLD, plan), node=0, failed=["pru-2-s01"])

    assert left is not None
    node = left.nodes[0]
    assert (node.blocks, node.settings, node.planes) == (("pru-1-s01",), {}, {"pru-1": "plane-0"})


def test_a_node_does_not_go_without_the_last_device_of_a_class() -> None:
    world = topology(hosts=[host("host-1")], prus=[pru("pru-1")], blocks=[*cards("pru-1", GPU, 2), *nics()])
    plan = planned(ask(group((GPU, 2), (NIC, 1))), *MINE, "pru-1-n01")

    assert without(standing=standing(world, plan, None), node=0, failed=["pru-1-n01"]) is None
    assert without(standing=standing(world, plan, None), node=0, failed=MINE) is None
    left = without(standing=standing(world, plan, None), node=0, failed=MINE[:1])
    assert left is not None and left.nodes[0].blocks == ("pru-1-n01", "pru-1-s02")


def test_nor_without_one_of_a_bridged_pair() -> None:
    assert without(standing=standing(PAIRS, planned(TWO, *MINE)), node=0, failed=["pru-1-s01"]) is None


def test_a_gap_is_filled_with_the_nearest_to_what_is_lacking() -> None:
    plan = planned(TWO, "pru-1-s01")

    found = filled(standing=standing(WORLD, plan), node=0, like="pru-1-s02")

    assert found is not None and given(found) == {"pru-1-s02": "pru-1-s02"}
    broken = with_block(WORLD, "pru-1-s02", is_usable=False)
    found = filled(standing=standing(broken, plan), node=0, like="pru-1-s02")
    assert found is not None and given(found) == {"pru-1-s02": "pru-1-s03"}
    assert found.plan.nodes[0].blocks == ("pru-1-s01", "pru-1-s03")


def nics() -> list[Any]:
    return cards("pru-1", NIC, 1, kind="nic")
