"""A node in use gets a device, gives one back, or has one swapped."""

from pathlib import Path

from fabric.composing.run import NodeOutcome, NodeResult
from fabric.drivers.base import CardSetting
from fabric.drivers.emulator.faults import FaultKind
from fabric.models import Composition, ReleaseProof
from tests.fabric.composing.house import House, build
from tests.fabric.composing.in_use import TAG, blocks, granted, steps
from tests.fabric.composing.watched import Watched

CUT = CardSetting(layout={"1g.10gb": 7})
CAPPED = CardSetting(power_cap_w=250)
RESIZED = NodeResult(outcome=NodeOutcome.RESIZED)
RELEASED = NodeResult(outcome=NodeOutcome.RELEASED)


def test_a_swap_brings_the_new_one_and_proves_it_before_the_old_one_goes(house: House, node: Composition) -> None:
    resize = house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",))

    result = house.resize(resize)

    resize.refresh_from_db()
    assert (result, resize.state, resize.finished_at) == (RESIZED, "done", house.now)
    assert steps(node) == [
        ("inspect", ["gpu-3"], "done", False),
        ("resize", ["gpu-3"], "done", False),
        ("prove", ["gpu-3"], "done", False),
        ("resize", ["gpu-1"], "done", False),
        ("grant", ["gpu-2", "gpu-3"], "done", False),
        ("clean", ["gpu-1"], "done", False),
        ("prove_gone", ["gpu-1"], "done", False),
    ]
    assert (house.owners(), house.open_attachments()) == ({"gpu-2": TAG, "gpu-3": TAG}, ["gpu-2", "gpu-3"])
    assert house.states() == {"gpu-2": "attached", "gpu-3": "attached", "host-1": "attached"}
    assert (blocks(node), granted(node), node.state) == (["gpu-2", "gpu-3"], ["gpu-2", "gpu-3"], "composed")
    assert [(p.block.code, p.is_proven) for p in ReleaseProof.objects.all()] == [("gpu-1", True)]


def test_its_operations_have_keys_of_their_own(house: House, node: Composition) -> None:
    house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",)))

    assert list(node.steps.filter(round=1).values_list("op_key", flat=True)) == [
        f"{TAG}/inspect.r1",
        f"{TAG}/resize.r1",
        f"{TAG}/prove.r1",
        f"{TAG}/resize.r1.2",
        f"{TAG}/grant.r1",
        f"{TAG}/clean.r1",
        f"{TAG}/prove_gone.r1",
    ]


def test_the_node_is_being_changed_only_once_something_is_touched(house: House, node: Composition) -> None:
    seen: list[tuple[str, str, list[str]]] = []

    def look(moment: str) -> None:
        if moment in ("before resize", "before clean") or (moment == "before find" and not seen):
            node.refresh_from_db()
            seen.append((moment, node.state, blocks(node)))

    house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",)), driver=Watched(house.driver, look))

    three = ["gpu-1", "gpu-2", "gpu-3"]
    assert seen == [
        ("before find", "composed", ["gpu-1", "gpu-2"]),
        ("before resize", "resizing", three),
        ("before resize", "resizing", three),
        ("before clean", "resizing", three),
    ]


def test_a_node_can_get_a_card_that_is_cut_first(house: House, node: Composition) -> None:
    result = house.resize(house.open_resize(node, adds=("gpu-3",), settings={"gpu-3": CUT}))

    assert (result, house.world.settings(), blocks(node)) == (RESIZED, {"gpu-3": CUT}, ["gpu-1", "gpu-2", "gpu-3"])
    assert [kind for kind, *_ in steps(node)] == ["inspect", "configure", "resize", "prove", "grant"]
    assert house.release(node) == RELEASED
    assert (house.world.settings(), house.states(), house.owners()) == ({}, {}, {})


def test_a_node_can_give_a_card_back(house: House, node: Composition) -> None:
    result = house.resize(house.open_resize(node, removes=("gpu-2",)))

    assert (result, house.owners(), blocks(node), granted(node)) == (RESIZED, {"gpu-1": TAG}, ["gpu-1"], ["gpu-1"])
    assert [kind for kind, *_ in steps(node)] == ["resize", "grant", "clean", "prove_gone"]
    assert house.release(node) == RELEASED


def test_a_set_card_that_is_given_back_is_as_it_comes(house: House) -> None:
    composition = house.open(settings={"gpu-1": CUT, "gpu-2": CAPPED})
    house.compose(composition)

    house.resize(house.open_resize(composition, removes=("gpu-1",)))

    composition.refresh_from_db()
    assert (house.world.settings(), set(composition.settings)) == ({"gpu-2": CAPPED}, {"gpu-2"})
    assert ReleaseProof.objects.get().is_proven


def test_a_vanished_card_is_swapped_and_quarantined(house: House, node: Composition) -> None:
    house.world.vanish("gpu-1")

    result = house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",)))

    assert (result.outcome, result.failed_blocks) == (NodeOutcome.QUARANTINED, ("gpu-1",))
    assert result.reason == "Not proven free: gpu-1: The fabric does not show it."
    assert (blocks(node), granted(node), house.states()["gpu-1"]) == (
        ["gpu-2", "gpu-3"],
        ["gpu-2", "gpu-3"],
        "quarantined",
    )


def test_carried_out_again_it_is_the_same(house: House, node: Composition) -> None:
    resize = house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",))

    results = [house.resize(resize), house.resize(resize)]

    assert results == [RESIZED, RESIZED]
    assert house.world.mutations_accepted() == 4  # compose, add, take away, clean


def test_one_change_after_the_other(house: House, node: Composition) -> None:
    house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",)))
    second = house.open_resize(node, adds=("gpu-1",), removes=("gpu-3",))

    assert (second.round, house.resize(second), house.release(node)) == (2, RESIZED, RELEASED)
    assert ReleaseProof.objects.filter(is_proven=True).count() == 3


def test_what_lets_go_of_two_is_gone_and_the_other_stays(house: House, node: Composition) -> None:
    house.world.fault(FaultKind.UNBIND_FAILURE, blocks=["gpu-1"])

    result = house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1", "gpu-2")))

    assert result.outcome == NodeOutcome.RESIZED
    assert (blocks(node), granted(node)) == (["gpu-1", "gpu-3"], ["gpu-1", "gpu-3"])
    assert house.states() == {"gpu-1": "attached", "gpu-3": "attached", "host-1": "attached"}


def test_a_card_that_is_still_another_nodes_is_waited_for(house: House, node: Composition) -> None:
    other = house.open(owner="r-2", host="host-2", blocks=("gpu-3",))
    house.compose(other)
    resize = house.open_resize(node, adds=("gpu-3",))

    early = house.resize(resize)
    untouched = steps(node)
    house.release(other)

    assert early == NodeResult(
        outcome=NodeOutcome.NOT_READY, reason="Block gpu-3 is still attached under another name."
    )
    assert (untouched, house.resize(resize)) == ([], RESIZED)


def test_a_fabric_that_wants_the_host_off_gets_it_off_for_each_change_and_on_again(tmp_path: Path, db: None) -> None:
    house = build(tmp_path, needs_host_off=True)
    node = house.open()
    house.compose(node)

    swapped = house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",)))
    house.world.fault(FaultKind.BIND_FAILURE, blocks=["gpu-4"])
    kept = house.resize(house.open_resize(node, adds=("gpu-4",)))

    hosts = {host["code"]: host["is_on"] for host in house.world.truth()["hosts"]}
    assert (swapped, kept.outcome, hosts["host-1"]) == (RESIZED, NodeOutcome.NOT_RESIZED, 1)
