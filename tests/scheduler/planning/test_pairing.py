"""Which nodes stay under another mix and as what, worked out by hand: group of the new mix by index of the node."""

import pytest

from scheduler.planning.pairing import Pairing, pair
from scheduler.planning.plan import NodePlan
from scheduler.requests import Group, Line, Mix, Placement

FOUR, TWO = (Line("h100", 4),), (Line("h100", 2),)


def mix(*groups: tuple[str, int, tuple[Line, ...]]) -> Mix:
    return Mix(tuple(Group(role=role, nodes=nodes, lines=lines) for role, nodes, lines in groups))


def nodes_of(mix: Mix) -> list[NodePlan]:
    groups = [at for at, group in enumerate(mix.groups) for _ in range(group.nodes)]
    return [
        NodePlan(index=nth, group=at, role=mix.groups[at].role, host=f"host-{nth}", blocks=())
        for nth, at in enumerate(groups)
    ]


OLD = mix(("prefill", 2, FOUR), ("decode", 1, TWO))


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (mix(("prefill", 2, FOUR), ("decode", 1, TWO)), Pairing(stays={0: 0, 1: 0, 2: 1})),
        (mix(("prefill", 2, FOUR), ("decode", 3, TWO)), Pairing(stays={0: 0, 1: 0, 2: 1}, comes=(1, 1))),
        (mix(("prefill", 1, FOUR), ("decode", 1, TWO)), Pairing(stays={0: 0, 2: 1}, goes=(1,))),
        (mix(("prefill", 1, FOUR), ("decode", 2, TWO)), Pairing(stays={0: 0, 2: 1}, goes=(1,), comes=(1,))),
        # the order of groups does not matter where their roles tell them apart
        (mix(("decode", 1, TWO), ("prefill", 2, FOUR)), Pairing(stays={0: 1, 1: 1, 2: 0})),
        # other devices in the same group are changed in place
        (mix(("prefill", 2, TWO), ("decode", 1, TWO)), Pairing(stays={2: 1}, changes={0: 0, 1: 0})),
        # one that is left out goes, and one under another name that asks for the same takes its nodes over
        (
            mix(
                ("decode", 1, TWO),
            ),
            Pairing(stays={2: 0}, goes=(0, 1)),
        ),
        (mix(("prefill", 2, FOUR), ("draft", 1, TWO)), Pairing(stays={0: 0, 1: 0, 2: 1})),
    ],
    ids=["same", "more", "fewer", "ratio", "order", "in place", "left out", "renamed"],
)
def test_what_stays_what_changes_what_goes_and_what_comes(new: Mix, expected: Pairing) -> None:
    assert pair(old=OLD, new=new, nodes=nodes_of(OLD)) == expected


def test_a_ratio_of_like_nodes_moves_none() -> None:
    old = mix(("prefill", 2, TWO), ("decode", 1, TWO))
    new = mix(("prefill", 1, TWO), ("decode", 2, TWO))

    assert pair(old=old, new=new, nodes=nodes_of(old)) == Pairing(stays={0: 0, 1: 1, 2: 1})
    assert pair(old=old, new=new, nodes=nodes_of(old), may_rename=False) == Pairing(
        stays={0: 0, 2: 1}, goes=(1,), comes=(1,)
    )


def test_a_node_that_lacks_something_goes_first() -> None:
    new = mix(("prefill", 1, FOUR), ("decode", 1, TWO))

    assert pair(old=OLD, new=new, nodes=nodes_of(OLD), worn={0}) == Pairing(stays={1: 0, 2: 1}, goes=(0,))


def test_groups_of_one_role_are_told_apart_by_their_place() -> None:
    old = mix(("", 1, FOUR), ("", 1, TWO))

    found = pair(old=old, new=mix(("", 1, FOUR), ("", 2, TWO)), nodes=nodes_of(old))

    assert found == Pairing(stays={0: 0, 1: 1}, comes=(1,))


def test_nodes_that_are_to_be_elsewhere_do_not_take_another_role() -> None:
    old = mix(("prefill", 2, TWO), ("decode", 1, TWO))
    apart = Group(role="decode", nodes=2, lines=TWO, placement=Placement(same_pru=True))

    found = pair(old=old, new=Mix((old.groups[0].__class__("prefill", 1, TWO), apart)), nodes=nodes_of(old))

    assert (found.goes, found.comes) == ((1,), (1,))
