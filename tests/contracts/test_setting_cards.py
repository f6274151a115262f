"""Cards are cut and capped while nobody holds them; the setting lasts until a cleaning, and is what a read shows."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fabric.drivers.base import (
    AS_IT_COMES,
    BlockOutcome,
    CardSetting,
    Conflict,
    Done,
    Pending,
    Permanent,
    Precondition,
    Transient,
    Unknown,
)
from fabric.drivers.emulator.faults import FaultKind
from tests.contracts.every_world import CANNOT_SET_CARDS, WORLDS
from tests.contracts.worlds import LONG_SECONDS, World, compose, configure, decompose, finish

CUT = CardSetting(layout={"1g.10gb": 4, "3g.40gb": 1})
CAPPED = CardSetting(power_cap_w=250)
BOTH = CardSetting(layout={"1g.10gb": 7}, power_cap_w=300)
WISH = {"gpu-1": CUT, "gpu-2": CAPPED}


@pytest.fixture(params=sorted(set(WORLDS) - CANNOT_SET_CARDS))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with closing(WORLDS[request.param](tmp_path)) as made:
        yield made


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_a_driver_says_whether_it_can_set_cards_and_refuses_where_it_cannot(name: str, tmp_path: Path) -> None:
    with closing(WORLDS[name](tmp_path)) as world:
        can = world.driver.capabilities().can_configure
        if not can:
            with pytest.raises(Permanent) as refused:
                configure(world, WISH)
            assert refused.value.blocks == ("gpu-1", "gpu-2")
            assert world.settings() == {}

    assert can == (name not in CANNOT_SET_CARDS)


def shown(world: World, *blocks: str) -> dict[str, CardSetting]:
    return {seen.block: seen.setting for seen in world.driver.find(tag="t-1", blocks=blocks)}


def test_cards_are_set_as_asked_and_every_read_shows_it(world: World) -> None:
    done = configure(world, WISH)
    compose(world)

    assert (done.machine, [(line.block, line.outcome) for line in done.lines]) == (
        None,
        [("gpu-1", BlockOutcome.DONE), ("gpu-2", BlockOutcome.DONE)],
    )
    assert world.settings() == WISH
    assert shown(world, "gpu-1", "gpu-2", "gpu-3") == {**WISH, "gpu-3": AS_IT_COMES}
    assert {seen.block: seen.setting for seen in world.driver.inventory().devices} == {
        **dict.fromkeys(("gpu-3", "gpu-4", "gpu-5", "gpu-6"), AS_IT_COMES),
        **WISH,
    }
    proof = world.driver.prove(tag="t-1", expected=("gpu-1", "gpu-2"))
    assert {seen.block: seen.setting for seen in proof.devices} == WISH


def test_a_card_is_set_when_its_time_has_come_and_not_before(world: World) -> None:
    reply = world.driver.configure(op_key="k", tag="t-1", settings={"gpu-1": BOTH})
    early = shown(world, "gpu-1")
    done = finish(world, reply)

    assert isinstance(reply, Pending)
    assert (early, shown(world, "gpu-1")) == ({"gpu-1": AS_IT_COMES}, {"gpu-1": BOTH})
    assert done.lines[0].seconds > 0


def test_configure_again_with_the_same_key_is_the_same_operation(world: World) -> None:
    first, second = configure(world, WISH), configure(world, dict(reversed(WISH.items())))

    assert second == first
    assert world.mutations_accepted() == 1
    with pytest.raises(Permanent):
        configure(world, {**WISH, "gpu-1": BOTH})
    with pytest.raises(Permanent):
        world.driver.configure(op_key="", tag="t-1", settings=WISH)
    assert world.settings() == WISH


def test_a_reply_lost_before_commit_has_set_nothing(world: World) -> None:
    world.fault(FaultKind.LOST_BEFORE, operation="configure", times=1)

    with pytest.raises(Unknown):
        configure(world, WISH)

    assert shown(world, "gpu-1", "gpu-2") == {"gpu-1": AS_IT_COMES, "gpu-2": AS_IT_COMES}
    with pytest.raises(Unknown):
        world.driver.poll("t-1/configure")
    configure(world, WISH)
    assert (world.settings(), world.mutations_accepted()) == (WISH, 1)


def test_a_reply_lost_after_commit_is_resolved_by_reading(world: World) -> None:
    world.fault(FaultKind.LOST_AFTER, operation="configure", times=1)

    with pytest.raises(Unknown):
        configure(world, WISH)
    world.advance(LONG_SECONDS)

    assert shown(world, "gpu-1", "gpu-2") == WISH
    configure(world, WISH)
    assert world.mutations_accepted() == 1


def test_a_card_that_anybody_holds_is_not_set(world: World) -> None:
    compose(world, blocks=("gpu-1",))
    world.attach_foreign("gpu-2", "host-2", "stranger")
    accepted = world.mutations_accepted()

    with pytest.raises(Conflict) as ours:
        world.driver.configure(op_key="a", tag="t-1", settings={"gpu-1": CUT})
    with pytest.raises(Conflict) as theirs:
        world.driver.configure(op_key="b", tag="t-2", settings={"gpu-2": CAPPED, "gpu-3": CAPPED})

    assert (ours.value.blocks, theirs.value.blocks) == (("gpu-1",), ("gpu-2",))
    assert (world.settings(), world.mutations_accepted()) == ({}, accepted)


def test_a_card_on_its_way_to_a_machine_is_not_set_and_one_being_set_is_not_attached(world: World) -> None:
    world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1",))
    world.driver.configure(op_key="s", tag="t-2", settings={"gpu-2": CUT})

    with pytest.raises(Conflict):
        world.driver.configure(op_key="a", tag="t-3", settings={"gpu-1": CUT})
    with pytest.raises(Conflict):
        world.driver.configure(op_key="b", tag="t-3", settings={"gpu-2": BOTH})
    with pytest.raises(Conflict):
        world.driver.compose(op_key="d", tag="t-3", host="host-3", blocks=("gpu-2",))


def test_a_used_card_must_be_cleaned_before_it_is_set(world: World) -> None:
    compose(world, blocks=("gpu-1",))
    decompose(world)

    with pytest.raises(Precondition) as refused:
        configure(world, {"gpu-1": CUT}, tag="t-2")

    assert refused.value.blocks == ("gpu-1",)


@pytest.mark.parametrize(
    "setting",
    [
        {"layout": {"9g.90gb": 1}},
        {"layout": {"1g.10gb": 8}},
        {"layout": {"1g.10gb": 0}},
        {"power_cap_w": 401},
        {"power_cap_w": 0},
    ],
)
def test_a_card_that_cannot_be_set_so_is_refused_for_good(world: World, setting: dict[str, Any]) -> None:
    with pytest.raises(Permanent) as refused:
        configure(world, {"gpu-1": CardSetting(**setting), "gpu-2": CAPPED})

    assert refused.value.blocks == ("gpu-1",)
    assert (world.settings(), world.mutations_accepted()) == ({}, 0)


@pytest.mark.parametrize("setting", [CUT, CAPPED])
def test_a_device_that_can_be_neither_cut_nor_capped_is_neither(world: World, setting: CardSetting) -> None:
    with pytest.raises(Permanent) as refused:
        configure(world, {"gpu-6": setting})

    assert refused.value.blocks == ("gpu-6",)


def test_a_card_that_is_not_there_is_not_set(world: World) -> None:
    world.vanish("gpu-1")

    with pytest.raises(Conflict):
        configure(world, {"gpu-1": CUT})
    with pytest.raises(Permanent):
        configure(world, {"gpu-99": CUT})


def test_detaching_leaves_the_setting_and_cleaning_takes_it_back(world: World) -> None:
    configure(world, WISH)
    compose(world)
    decompose(world)
    after_detaching = world.settings()

    finish(world, world.driver.clean(op_key="clean", blocks=("gpu-1", "gpu-2")))

    assert after_detaching == WISH
    assert (world.settings(), shown(world, "gpu-1", "gpu-2")) == ({}, dict.fromkeys(WISH, AS_IT_COMES))


def test_a_card_that_cannot_be_cleaned_keeps_its_setting(world: World) -> None:
    world.fault(FaultKind.CLEAN_FAILURE, blocks=["gpu-1"])
    configure(world, WISH)

    finish(world, world.driver.clean(op_key="clean", blocks=("gpu-1", "gpu-2")))

    assert world.settings() == {"gpu-1": CUT}


def test_one_card_that_fails_is_named_and_the_others_are_set(world: World) -> None:
    world.fault(FaultKind.CONFIGURE_FAILURE, blocks=["gpu-2"])

    done = configure(world, WISH)

    assert [(line.block, line.outcome, line.reason) for line in done.lines] == [
        ("gpu-1", BlockOutcome.DONE, ""),
        ("gpu-2", BlockOutcome.NOT_DONE, "the card did not take the setting"),
    ]
    assert world.settings() == {"gpu-1": CUT}


def test_a_card_reported_set_and_not_so_is_found_by_reading(world: World) -> None:
    world.fault(FaultKind.PHANTOM, blocks=["gpu-1"])

    done = configure(world, WISH)

    assert [line.outcome for line in done.lines] == [BlockOutcome.DONE, BlockOutcome.DONE]
    assert shown(world, "gpu-1", "gpu-2") == {"gpu-1": AS_IT_COMES, "gpu-2": CAPPED}


@pytest.mark.parametrize("end", ["decompose", "clean"])
def test_giving_the_name_up_or_cleaning_ends_a_setting_that_hangs(world: World, end: str) -> None:
    """Else it might cut the card long after it was given back."""
    world.fault(FaultKind.SLOW, operation="configure", factor=20)
    world.driver.configure(op_key="s", tag="t-1", settings=WISH)

    if end == "decompose":
        finish(world, world.driver.decompose(op_key="d", tag="t-1"))
    else:
        finish(world, world.driver.clean(op_key="w", blocks=("gpu-1", "gpu-2")))
    ended = world.driver.poll("s")
    world.advance(LONG_SECONDS)

    assert isinstance(ended, Done)
    assert [line.outcome for line in ended.lines] == [BlockOutcome.NOT_DONE, BlockOutcome.NOT_DONE]
    assert world.settings() == {}


def test_a_late_call_under_a_name_that_was_given_up_sets_nothing(world: World) -> None:
    decompose(world)

    with pytest.raises(Conflict):
        configure(world, WISH)

    assert world.settings() == {}


def test_setting_cards_is_one_of_four_mutations_at_once(world: World) -> None:
    for number in range(1, 5):
        world.driver.configure(op_key=f"s{number}", tag=f"t-{number}", settings={f"gpu-{number}": CAPPED})

    with pytest.raises(Transient):
        world.driver.configure(op_key="s5", tag="t-5", settings={"gpu-5": CAPPED})
