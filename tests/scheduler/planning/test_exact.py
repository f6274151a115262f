"""The exact search: placements the greedy search cannot think of, proofs, and the same answer every time."""

import subprocess
import sys
from random import Random

import pytest

from fabric.topology import PoolTopology
from scheduler.planning import exact
from scheduler.planning.attempts import case_of
from scheduler.planning.case import Ask, Case, Draft
from scheduler.planning.index import PoolIndex
from scheduler.planning.rules.registry import PLACEMENT_RULES
from scheduler.planning.wishes import make_wish
from scheduler.refusals import RefusalCode as Code
from scheduler.requests import Group, Placement
from tests.architecture.tree import CHECKOUT
from tests.scheduler.planning.drawn import a_request, a_world, shuffled
from tests.worlds import GPU, NVME, ask, cards, group, host, ports, pru, snapshot, system, topology, window, with_block

ALL = frozenset(rule.code for rule in PLACEMENT_RULES)
Rows = list[tuple[str, tuple[str, ...]]]


def solve(world: PoolTopology, *groups: Group, active: frozenset[Code] = ALL) -> Rows | None:
    case = case_of(request=ask(*groups), index=PoolIndex(snapshot(world)))
    return rows(exact.solve(case=case, rules=PLACEMENT_RULES, active=active))


def rows(draft: Draft | None) -> Rows | None:
    """Host and blocks of each node."""
    if draft is None:
        return None
    return [(placed.host.code, tuple(block.code for block in placed.blocks)) for placed in draft]


def test_nodes_are_spread_so_that_all_of_them_fit() -> None:
    """Three of three cards each, from chassis of five and four: one node must take of both, and has the ports."""
    world = topology(
        hosts=[host("host-1"), host("host-2"), host("host-3", ports=ports("plane-0"))],
        prus=[pru("pru-1"), pru("pru-2")],
        blocks=[*cards("pru-1", GPU, 5), *cards("pru-2", GPU, 4)],
    )

    found = solve(world, group((GPU, 3), nodes=3))

    assert found is not None
    assert sorted(len(blocks) for _, blocks in found) == [3, 3, 3]
    assert {name for name, blocks in found if len({block[:5] for block in blocks}) == 2} <= {"host-1", "host-2"}


def test_what_cannot_be_is_none() -> None:
    world = topology(
        hosts=[host("host-1", ports=ports("plane-0")), host("host-2", ports=ports("plane-0"))],
        prus=[pru("pru-1"), pru("pru-2")],
        blocks=[*cards("pru-1", GPU, 3), *cards("pru-2", GPU, 1)],
    )

    assert solve(world, group((GPU, 2), nodes=2)) is None


def test_a_rule_left_out_is_not_kept() -> None:
    world = topology(
        hosts=[host("host-1", ports=ports("plane-0"))],
        prus=[pru("pru-1"), pru("pru-2")],
        blocks=[*cards("pru-1", GPU, 1), *cards("pru-2", GPU, 1)],
    )

    assert solve(world, group((GPU, 2))) is None
    assert solve(world, group((GPU, 2)), active=ALL - {Code.HOST_FANOUT}) == [("host-1", ("pru-1-s01", "pru-2-s01"))]


def test_of_two_ways_it_takes_one_chassis_one_switch_and_a_host_that_need_not_reboot() -> None:
    world = topology(
        hosts=[host("host-1", hot_add=False, reboot_seconds=60), host("host-2", max_accelerators=16), host("host-3")],
        prus=[pru("pru-1"), pru("pru-2")],
        blocks=[*cards("pru-1", GPU, 3, per_switch=2), *cards("pru-2", GPU, 4, per_switch=3)],
    )

    assert solve(world, group((GPU, 3))) == [("host-3", ("pru-2-s01", "pru-2-s02", "pru-2-s03"))]


def test_bridged_cards_are_whole_for_one_node_and_single_for_another() -> None:
    world = topology(
        hosts=[host("host-1"), host("host-2")], prus=[pru("pru-1")], blocks=cards("pru-1", GPU, 4, bridge=2)
    )

    whole, split = group((GPU, 2)), group((GPU, 1), allow_bridge_split=True)

    assert solve(world, split, whole) == [("host-1", ("pru-1-s03",)), ("host-2", ("pru-1-s01", "pru-1-s02"))]


def test_a_fixed_system_is_granted_by_aligned_partition() -> None:
    machine, blocks = system("sys-1", "board-a", devices=4, partitions=(2, 4))
    world = topology(hosts=[machine], prus=[], blocks=blocks)
    without_first = with_block(world, "sys-1-s01", is_usable=False)
    without_last = with_block(world, "sys-1-s04", is_usable=False)
    without_both = with_block(without_first, "sys-1-s04", is_usable=False)

    assert solve(without_first, group(("board-a", 2))) == [("sys-1", ("sys-1-s03", "sys-1-s04"))]
    assert solve(without_last, group(("board-a", 2))) == [("sys-1", ("sys-1-s01", "sys-1-s02"))]
    assert solve(without_both, group(("board-a", 2))) is None


def open_case(world: PoolTopology, *classes: str, count: int, **placement: bool) -> Case:
    """One node whose one line accepts several classes."""
    wish = make_wish(
        index=0,
        group=0,
        role="",
        asks=[Ask("mix[0].lines[0].count", classes, count)],
        placement=Placement(**placement),
        classes=world.classes,
    )
    return Case(wishes=[wish], window=window(), project="team-chat", index=PoolIndex(snapshot(world)))


def test_an_open_ask_is_answered_by_one_class_where_one_suffices() -> None:
    world = topology(
        hosts=[host("host-1", driver_families_max=2)],
        prus=[pru("pru-1")],
        blocks=[*cards("pru-1", "gpu-b", 2), *cards("pru-1", GPU, 3, first=3)],
    )

    draft = exact.solve(case=open_case(world, "gpu-b", GPU, count=3), rules=PLACEMENT_RULES, active=ALL)

    assert draft is not None
    assert [(one.classes, one.count) for one in draft[0].wish.asks] == [((GPU,), 3)]
    assert draft[0].wish.need == {GPU: 3}


def test_classes_are_mixed_where_no_single_one_fits_and_the_rules_allow_it() -> None:
    blocks = [*cards("pru-1", "gpu-b", 2), *cards("pru-1", GPU, 2, first=3)]
    one_family = topology(hosts=[host("host-1")], prus=[pru("pru-1")], blocks=blocks)
    two_families = topology(hosts=[host("host-1", driver_families_max=2)], prus=[pru("pru-1")], blocks=blocks)

    draft = exact.solve(case=open_case(two_families, "gpu-b", GPU, count=3), rules=PLACEMENT_RULES, active=ALL)

    assert draft is not None
    assert draft[0].wish.need == {"gpu-b": 2, GPU: 1}
    assert [(one.field, one.classes, one.count) for one in draft[0].wish.asks] == [
        ("mix[0].lines[0].count", ("gpu-b",), 2),
        ("mix[0].lines[0].count", (GPU,), 1),
    ]
    assert exact.solve(case=open_case(one_family, "gpu-b", GPU, count=3), rules=PLACEMENT_RULES, active=ALL) is None


@pytest.mark.parametrize("seed", range(40))
def test_order_of_input_changes_nothing(seed: int) -> None:
    chance = Random(seed)
    world = a_world(chance)
    request = a_request(chance, world)
    other, _ = shuffled(chance, world, [])

    answers = [
        rows(
            exact.solve(
                case=case_of(request=request, index=PoolIndex(snapshot(one))), rules=PLACEMENT_RULES, active=ALL
            )
        )
        for one in (world, other, world)
    ]

    assert answers[0] == answers[1] == answers[2]


def test_the_solver_is_loaded_only_when_it_is_needed() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, scheduler.planning.exact; print({'ortools', 'pandas'} & set(sys.modules))"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == "set()"


def test_a_rule_that_says_one_thing_and_measures_another_is_an_error() -> None:
    world = topology(
        hosts=[host("host-1")],
        prus=[pru("pru-1")],
        blocks=[*cards("pru-1", GPU, 2), *cards("pru-1", NVME, 1, kind="bay")],
    )
    case = case_of(request=ask(group((GPU, 2))), index=PoolIndex(snapshot(world)))
    fickle = [rule for rule in PLACEMENT_RULES if rule.code == Code.HOST_SLOT_LIMIT]
    draft = exact.solve(case=case, rules=PLACEMENT_RULES, active=ALL)
    assert draft is not None
    small = case_of(
        request=ask(group((GPU, 2))),
        index=PoolIndex(snapshot(topology(hosts=[host("host-1", max_accelerators=1)], prus=[pru("pru-1")], blocks=[]))),
    )

    with pytest.raises(exact.Mismatch):
        exact.check(small, [type(draft[0])(draft[0].wish, small.topology.hosts["host-1"], draft[0].blocks)], fickle)
