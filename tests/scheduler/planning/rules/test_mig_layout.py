"""Four A100 of the lab may be cut: seven slices of 1g.10gb, three of 2g.20gb or two of 3g.40gb on one card."""

from dataclasses import replace

import pytest

from fabric.topology import PoolTopology
from scheduler.planning.rules import mig_layout
from scheduler.requests import Group, Line
from tests.scheduler.planning.drafting import broken, drafted, run
from tests.shipped import lab
from tests.worlds import ask, taken

A100, L40S = "nvidia-a100-pcie-80gb", "nvidia-l40s-48gb"
FIELD = "mix[0].lines[0].count"


def _slices(*wanted: tuple[str, int], of: str = A100, nodes: int = 1, more: tuple[Line, ...] = ()):
    lines = tuple(Line(of, count, profile=profile) for profile, count in wanted)
    return ask(Group("", nodes, (*lines, *more)), pool="lab")


def _cutting(*slots: int) -> PoolTopology:
    """The lab, of its A100 only those in these slots allowed to be cut."""
    world = lab()
    changed = {
        code: replace(block, is_mig_capable=block.slot in slots)
        for code, block in world.blocks.items()
        if block.device_class == A100
    }
    return replace(world, blocks={**world.blocks, **changed})


def _impossible(world: PoolTopology, request, **around):
    case, _ = drafted(world, request, *[("host-01",)] * request.mix.node_count, **around)
    return [(one.code.value, one.field, one.need, one.have, one.unit) for one in mig_layout.impossible(case)]


def test_a_card_that_may_not_be_cut_serves_no_slices() -> None:
    # Three of 3g.40gb go on two cards.
    request, node = _slices(("3g.40gb", 3)), ("host-01", "pru-02-s09", "pru-02-s10")

    assert broken(mig_layout.RULE, _cutting(9, 11, 12), request, node) == [("MIG_LAYOUT", FIELD, 2, 1, "cards")]
    assert broken(mig_layout.RULE, _cutting(9, 10), request, node) == []


def test_whole_cards_of_the_same_class_need_not_be() -> None:
    # Slot 9 is cut, slot 10 is taken whole.
    request = _slices(("3g.40gb", 2), more=(Line(A100, 1),))

    assert broken(mig_layout.RULE, _cutting(9), request, ("host-01", "pru-02-s09", "pru-02-s10")) == []
    assert broken(mig_layout.RULE, _cutting(11), request, ("host-01", "pru-02-s09", "pru-02-s10")) == [
        ("MIG_LAYOUT", FIELD, 1, 0, "cards")
    ]


@pytest.mark.parametrize(("count", "refused"), [(8, []), (9, [("MIG_LAYOUT", FIELD, 5, 4, "cards")])])
def test_a_pool_without_enough_cards_that_may_be_cut_needs_no_search(count: int, refused: list[object]) -> None:
    # Nine of 3g.40gb go on five cards; the pool has eight A100, of which four may be cut.
    world = lab()
    spare = [
        replace(world.blocks[f"pru-02-s{n:02d}"], code=f"pru-02-s{n + 10}", is_mig_capable=False) for n in range(9, 13)
    ]
    world = replace(world, blocks={**world.blocks, **{block.code: block for block in spare}})

    assert _impossible(world, _slices(("3g.40gb", count))) == refused


def test_cards_of_others_are_not_free() -> None:
    # Three of the four; two nodes of one card each.
    held = taken(*run("pru-02-s", 9, 10), host="host-02")

    assert _impossible(_cutting(9, 10, 11), _slices(("3g.40gb", 1), nodes=2), commitments=held) == [
        ("MIG_LAYOUT", FIELD, 2, 1, "cards")
    ]
    assert _impossible(_cutting(9, 11, 12), _slices(("3g.40gb", 1), nodes=2), commitments=held) == []


def test_as_many_slices_as_the_free_cards_hold_are_proposed() -> None:
    case, _ = drafted(_cutting(9), _slices(("2g.20gb", 4)), ("host-01",))

    (refusal,) = mig_layout.impossible(case)

    assert [(one.kind, one.value) for one in refusal.suggestions] == [("count", 3)]


def test_a_class_without_the_profile_is_refused() -> None:
    # The L40S cannot be cut at all; an A100 has no 3g.71gb, which is the H200's.
    assert _impossible(lab(), _slices(("3g.40gb", 1), of=L40S)) == [("MIG_LAYOUT", FIELD, 1, 0, "slices")]
    assert _impossible(lab(), _slices(("3g.71gb", 2))) == [("MIG_LAYOUT", FIELD, 2, 0, "slices")]
    assert _impossible(lab(), _slices(("3g.40gb", 2))) == []


def test_lines_of_slices_share_the_cards() -> None:
    # 3g.40gb and 4g.40gb fill one card; five 1g more need another.
    request = _slices(("3g.40gb", 1), ("4g.40gb", 1), ("1g.10gb", 5))

    assert broken(mig_layout.RULE, lab(), request, ("host-01", "pru-02-s09", "pru-02-s10")) == []
    assert broken(mig_layout.RULE, lab(), request, ("host-01", "pru-02-s09")) == [("MIG_LAYOUT", FIELD, 2, 1, "cards")]
