"""The step that cuts and caps cards: before anybody holds them, read back, looked at on the host, taken back after."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fabric.composing.run import NodeOutcome, NodeResult
from fabric.drivers.base import CardSetting
from fabric.drivers.emulator.faults import FaultKind
from fabric.models import Composition, ReleaseProof
from fabric.services.compositions import request_decompose
from tests.fabric.composing.house import House, build
from tests.fabric.composing.watched import Killed, Tripwire, Watched

TAG = "heddle-r-1-n0-g1"
CUT, CAPPED = CardSetting(layout={"1g.10gb": 4, "3g.40gb": 1}), CardSetting(power_cap_w=250)
WISH = {"gpu-1": CUT, "gpu-2": CAPPED}
COMPOSED = NodeResult(outcome=NodeOutcome.COMPOSED)
RELEASED = NodeResult(outcome=NodeOutcome.RELEASED)


def told(composition: Composition) -> list[tuple[str, str]]:
    return list(composition.steps.values_list("kind", "state"))


def test_cards_are_set_between_the_look_and_the_compose_and_as_they_come_after_the_release(house: House) -> None:
    composition = house.open(blocks=("gpu-1", "gpu-2", "gpu-3"), settings=WISH)

    composed = house.compose(composition)
    while_active = house.world.settings()
    released = house.release(composition)

    assert (composed, while_active, released) == (COMPOSED, WISH, RELEASED)
    assert told(composition) == [
        ("inspect", "done"),
        ("configure", "done"),
        ("compose", "done"),
        ("prove", "done"),
        ("grant", "done"),
        ("revoke", "done"),
        ("decompose", "done"),
        ("clean", "done"),
        ("prove_gone", "done"),
    ]
    assert (house.world.settings(), house.states(), house.owners()) == ({}, {}, {})


def test_the_step_names_the_cards_it_sets_and_how(house: House) -> None:
    composition = house.open(blocks=("gpu-1", "gpu-2", "gpu-3"), settings=WISH)
    house.compose(composition)

    step = composition.steps.get(kind="configure")

    assert (step.op_key, step.target) == (f"{TAG}/configure", {"host": "host-1", "blocks": ["gpu-1", "gpu-2"]})
    assert step.message == "Set: gpu-1: cut into 4 × 1g.10gb, 1 × 3g.40gb; gpu-2: held to 250 W"
    assert [(line["block"], line["outcome"]) for line in step.lines] == [("gpu-1", "done"), ("gpu-2", "done")]


def test_host_and_blocks_are_taken_before_a_card_is_touched(house: House) -> None:
    composition = house.open(settings=WISH)
    seen: list[dict[str, str]] = []

    def tell(moment: str) -> None:
        if moment == "before configure":
            seen.append(house.states())

    house.compose(composition, driver=Watched(house.driver, tell))

    assert seen == [{"gpu-1": "attaching", "gpu-2": "attaching", "host-1": "attaching"}]


def test_access_lists_the_slices_of_a_cut_card_and_the_cap_of_a_capped_one(house: House) -> None:
    composition = house.open(blocks=("gpu-1", "gpu-2", "gpu-3"), settings=WISH)
    house.compose(composition)
    composition.refresh_from_db()

    assert [(d["block"], d["slices"], d["power_cap_w"]) for d in composition.access["devices"]] == [
        ("gpu-1", ["1g.10gb", "1g.10gb", "1g.10gb", "1g.10gb", "3g.40gb"], None),
        ("gpu-2", [], 250),
        ("gpu-3", [], None),
    ]


def test_the_proof_of_release_keeps_how_each_card_was_read(house: House) -> None:
    composition = house.open(settings=WISH)
    house.compose(composition)
    house.world.fault(FaultKind.CLEAN_FAILURE, blocks=["gpu-1"])

    house.release(composition)

    evidence = {proof.block.code: (proof.is_proven, proof.evidence["setting"]) for proof in ReleaseProof.objects.all()}
    assert evidence == {
        "gpu-1": (False, {"layout": {"1g.10gb": 4, "3g.40gb": 1}, "power_cap_w": None}),
        "gpu-2": (True, {"layout": {}, "power_cap_w": None}),
    }


def test_a_wish_that_changes_nothing_needs_no_step(house: House) -> None:
    composition = house.open(settings={"gpu-1": CardSetting()})

    house.compose(composition)

    assert [kind for kind, _ in told(composition)] == ["inspect", "compose", "prove", "grant"]


def test_only_cards_of_the_node_can_be_set(house: House) -> None:
    with pytest.raises(ValueError, match="blocks of somebody else: gpu-3"):
        house.open(settings={"gpu-3": CAPPED})


def test_composing_twice_sets_the_cards_once(house: House) -> None:
    composition = house.open(settings=WISH)

    assert [house.compose(composition), house.compose(composition)] == [COMPOSED, COMPOSED]
    assert house.world.mutations_accepted() == 2


def test_a_lost_reply_is_shown_as_unknown_and_settled_by_reading(house: House) -> None:
    house.world.fault(FaultKind.LOST_AFTER, operation="configure", times=1)
    house.world.fault(FaultKind.LOST_BEFORE, operation="configure", times=1)

    result = house.compose(house.open(settings=WISH))

    assert result == COMPOSED
    assert [step for step in house.steps if step.startswith("configure")][:2] == [
        "configure started",
        "configure unknown",
    ]
    assert (house.world.settings(), house.world.mutations_accepted()) == (WISH, 2)


def test_an_end_asked_for_while_cards_are_being_set_takes_the_setting_back(house: House) -> None:
    composition = house.open(settings=WISH)

    def turn(moment: str) -> None:
        if moment == "after configure":
            request_decompose(composition=composition, reason="Cancelled.")

    result = house.compose(composition, driver=Watched(house.driver, turn))

    assert (result.outcome, result.reason) == (NodeOutcome.UNDONE, "Cancelled.")
    assert (house.world.settings(), house.states(), house.world.machines()) == ({}, {}, {})
    assert house.world.owners() == dict.fromkeys(house.world.owners())


def test_the_late_call_of_an_overtaken_worker_sets_nothing(house: House) -> None:
    composition = house.open(settings=WISH)
    late = Tripwire()
    house.compose(
        house.open(owner="dry", host="host-2", blocks=("gpu-3",), settings={"gpu-3": CUT}),
        driver=Watched(house.driver, late),
    )
    at = late.moments.index("before configure")

    result = house.compose(
        composition, driver=Watched(house.driver, Tripwire(at=at, act=lambda: house.release(composition)))
    )

    assert result.outcome == NodeOutcome.SUPERSEDED
    assert (house.world.settings(), house.states()) == (
        {"gpu-3": CUT},
        {"gpu-3": "attached", "host-2": "attached"},
    )


@pytest.mark.parametrize("moment", ["after configure", "before find", "before compose"])
def test_a_run_that_died_after_setting_goes_on_without_setting_again(house: House, moment: str) -> None:
    """`before find`: the read-back that follows the setting."""
    composition = house.open(settings=WISH)
    with pytest.raises(Killed):
        house.compose(composition, driver=Watched(house.driver, die_at(moment, not_before="after configure")))

    between = house.states()["gpu-1"]
    result = house.compose(composition)

    assert (between, result, house.world.settings()) == ("attaching", COMPOSED, WISH)
    assert house.world.mutations_accepted() == 2


def test_a_card_that_forgot_its_setting_on_the_way_to_the_host_fails_the_proof_and_is_never_granted(
    house: House,
) -> None:
    composition = house.open(settings=WISH)

    def forget(moment: str) -> None:
        if moment == "before prove":
            house.world.reset("gpu-2")

    result = house.compose(composition, driver=Watched(house.driver, forget))

    prove = composition.steps.get(kind="prove")
    assert (result.outcome, result.failed_blocks) == (NodeOutcome.QUARANTINED, ("gpu-2",))
    assert (prove.state, prove.message) == ("not_done", "Not proven: gpu-2: It is whole and not capped.")
    assert not composition.steps.filter(kind="grant").exists()


def test_a_fabric_that_wants_the_host_off_gets_it_off_before_the_cards_are_set(db: None, tmp_path: Path) -> None:
    house = build(tmp_path, needs_host_off=True)
    composition = house.open(settings=WISH)

    assert house.compose(composition) == COMPOSED
    assert [kind for kind, _ in told(composition)] == ["inspect", "quiesce", "configure", "compose", "prove", "grant"]
    assert house.release(composition) == RELEASED
    assert house.world.settings() == {}


def die_at(fatal: str, *, not_before: str) -> Callable[[str], None]:
    """Dies at the first such moment from another one on."""
    moments: list[str] = []

    def tell(moment: str) -> None:
        moments.append(moment)
        if not_before in moments and moment == fatal:
            raise Killed(moment)

    return tell
