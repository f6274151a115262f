"""Cards that their fabric can neither cut nor cap: a mix that needs that is refused by name, and all else is not."""

from dataclasses import replace

import pytest

from fabric.topology import PoolTopology
from scheduler.planning.admission import decide
from scheduler.planning.rules import mig_layout, settable
from scheduler.refusals import Refused
from scheduler.requests import Group, Line, ReservationRequest
from tests.scheduler.planning.drafting import drafted
from tests.shipped import lab
from tests.worlds import ask, snapshot

A100, L40S = "nvidia-a100-pcie-80gb", "nvidia-l40s-48gb"
FIELD = "mix[0].lines[0].count"
CUT, CAPPED, WHOLE = Line(A100, 2, profile="3g.40gb"), Line(L40S, 1, power_cap_w=200), Line(L40S, 1)


def unsettable(*, but: frozenset[str] = frozenset()) -> PoolTopology:
    """The lab behind a fabric that sets no cards, but these."""
    world = lab()
    return replace(
        world, blocks={code: replace(block, is_settable=code in but) for code, block in world.blocks.items()}
    )


def wish(line: Line) -> ReservationRequest:
    return ask(Group("", 1, (line,)), pool="lab")


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        (
            CUT,
            "MIG_LAYOUT",
            "The fabric that wires NVIDIA A100 PCIe 80GB here (zone-1) cannot cut cards: its driver has no way to.",
        ),
        (
            CAPPED,
            "DEVICE_UNAVAILABLE",
            "The fabric that wires NVIDIA L40S 48GB here (zone-1) cannot hold cards to a limit: "
            "its driver has no way to.",
        ),
    ],
)
def test_what_needs_a_card_set_is_refused_by_name(line: Line, code: str, message: str) -> None:
    case, _ = drafted(unsettable(), wish(line), ("host-01",))

    told = [(one.code.value, one.field, one.message) for one in settable.unsettable(case)]

    assert told == [(code, FIELD, message)]
    assert list(mig_layout.impossible(case)) == []


def test_a_whole_card_and_a_fabric_that_sets_cards_are_fine() -> None:
    whole, _ = drafted(unsettable(), wish(WHOLE), ("host-01",))
    usual, _ = drafted(lab(), wish(CUT), ("host-01",))

    assert (list(settable.unsettable(whole)), list(settable.unsettable(usual))) == ([], [])


def test_the_planner_refuses_the_one_and_grants_the_other() -> None:
    world = unsettable()

    with pytest.raises(Refused) as refused:
        decide(request=wish(CAPPED), snapshot=snapshot(world))
    plan = decide(request=wish(WHOLE), snapshot=snapshot(world))

    assert [one.code.value for one in refused.value.refusals] == ["DEVICE_UNAVAILABLE"]
    assert len(plan.nodes) == 1


def test_of_several_fabrics_only_cards_of_one_that_sets_them_are_capped() -> None:
    mine = sorted(code for code, block in lab().blocks.items() if block.device_class == L40S)[-1]

    plan = decide(request=wish(CAPPED), snapshot=snapshot(unsettable(but=frozenset({mine}))))

    assert [block for node in plan.nodes for block in node.blocks] == [mine]
    with pytest.raises(Refused):
        decide(request=wish(replace(CAPPED, count=2)), snapshot=snapshot(unsettable(but=frozenset({mine}))))
