"""Best fit: what is broken already is used up, what is whole is kept whole."""

from scheduler.planning.attempts import plan_or_none
from scheduler.planning.index import PoolIndex
from tests.scheduler.planning.asking import grant, nodes
from tests.worlds import (
    GPU,
    NVME,
    ask,
    cards,
    group,
    host,
    ports,
    pru,
    snapshot,
    taken,
    topology,
    two_hosts_eight_gpus,
    window,
)


def _two_prus(left: int = 8, right: int = 8):
    return topology(
        hosts=[host("host-1"), host("host-2"), host("host-3")],
        prus=[pru("pru-1"), pru("pru-2")],
        blocks=[*cards("pru-1", GPU, left), *cards("pru-2", GPU, right)],
    )


def test_a_pru_that_is_broken_already_is_taken_first() -> None:
    held = taken("pru-2-s01", host="host-3")

    assert {block[:5] for block in nodes(grant(_two_prus(), ask(group((GPU, 2))), commitments=held))[0][1]} == {"pru-2"}


def test_the_switch_that_is_left_emptiest_is_taken_first() -> None:
    # sw0 has 4 free, sw1 has 2 after what is held.
    held = taken("pru-1-s05", "pru-1-s06", host="host-2")

    plan = grant(two_hosts_eight_gpus(), ask(group((GPU, 2))), commitments=held)

    assert nodes(plan)[0][1] == ("pru-1-s07", "pru-1-s08")


def test_one_switch_is_taken_where_it_suffices() -> None:
    held = taken("pru-1-s05", host="host-2")

    plan = grant(two_hosts_eight_gpus(), ask(group((GPU, 4))), commitments=held)

    assert nodes(plan)[0][1] == ("pru-1-s01", "pru-1-s02", "pru-1-s03", "pru-1-s04")


def test_a_node_lies_in_as_few_prus_as_can_be() -> None:
    # 6 fit into the one with 6, though 3 + 3 would leave it less broken.
    assert {block[:5] for block in nodes(grant(_two_prus(3, 6), ask(group((GPU, 6)))))[0][1]} == {"pru-2"}


def test_drives_are_taken_beside_the_cards() -> None:
    world = topology(
        hosts=[host("host-1")],
        prus=[pru("pru-1"), pru("pru-2")],
        blocks=[*cards("pru-1", NVME, 1, kind="bay"), *cards("pru-2", GPU, 4), *cards("pru-2", NVME, 4, kind="bay")],
    )

    plan = grant(world, ask(group((GPU, 1), (NVME, 1))))

    assert nodes(plan)[0][1] == ("pru-2-b01", "pru-2-s01")


def test_the_greedy_choice_is_taken_back_where_it_leaves_no_room_for_the_next() -> None:
    """The first node would best fit PRU 1 (4 left for 4).

    The second needs PRU 1's drive and its cards on one switch.
    """
    world = topology(
        hosts=[host("host-1"), host("host-2")],
        prus=[pru("pru-1"), pru("pru-2")],
        blocks=[*cards("pru-1", GPU, 4), *cards("pru-2", GPU, 6, per_switch=3)],
    )
    first, second = group((GPU, 4), role="any"), group((GPU, 3), role="near", same_switch=True)

    plan = grant(world, ask(first, second))

    assert [len(blocks) for _, blocks in nodes(plan)] == [4, 3]
    assert {block[:5] for block in nodes(plan)[1][1]} == {"pru-2"}


def test_nodes_keep_the_order_of_the_request_however_they_were_searched() -> None:
    plan = grant(two_hosts_eight_gpus(), ask(group((GPU, 1), role="small"), group((GPU, 4), role="large")))

    assert [(node.index, node.group, node.role, len(node.blocks)) for node in plan.nodes] == [
        (0, 0, "small", 1),
        (1, 1, "large", 4),
    ]
    assert [node.blocks for node in plan.nodes] == [tuple(sorted(node.blocks)) for node in plan.nodes]


def test_two_lines_of_one_class_are_one_need() -> None:
    assert len(grant(two_hosts_eight_gpus(), ask(group((GPU, 3), (GPU, 2)))).nodes[0].blocks) == 5


def test_nodes_are_numbered_over_the_whole_mix() -> None:
    plan = grant(_two_prus(), ask(group((GPU, 1), nodes=2), group((GPU, 1))))

    assert [(node.index, node.group) for node in plan.nodes] == [(0, 0), (1, 0), (2, 1)]


def test_a_pru_of_which_no_plane_is_free_for_the_whole_window_is_not_tried() -> None:
    # Of each torn one a link is held on plane a in the first hour and on plane b in the second: never two at once.
    torn = [f"pru-{nth}" for nth in range(1, 9)]
    world = topology(
        hosts=[host("host-1", ports=ports("a", "b")), *(host(f"far-{nth}") for nth in range(1, 3))],
        prus=[pru(code, uplinks=ports("a", "b")) for code in (*torn, "pru-9")],
        blocks=[block for code in (*torn, "pru-9") for block in cards(code, GPU, 4)],
    )
    held = [
        one
        for nth, code in enumerate(torn)
        for hour, plane in enumerate("ab")
        for one in taken(
            f"{code}-s01",
            host=f"far-{hour + 1}",
            planes={code: plane},
            when=window(hours_ahead=24 + hour, hours=0.5),
            reservation=f"r-{nth}-{hour}",
        )
    ]
    index = PoolIndex(snapshot(world, commitments=held))

    plan = plan_or_none(request=ask(group((GPU, 3))), index=index, steps_max=5)

    assert plan is not None and {block[:5] for block in plan.nodes[0].blocks} == {"pru-9"}
