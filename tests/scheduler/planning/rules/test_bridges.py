from tests.scheduler.planning.asking import grant, nodes, refused, rows
from tests.worlds import GPU, ask, cards, group, host, pru, taken, topology, with_block

FIELD = "mix[0].lines[0].count"


def _pairs(bridge: int = 2):
    return topology(
        hosts=[host("host-1"), host("host-2")], prus=[pru("pru-1")], blocks=cards("pru-1", GPU, 8, bridge=bridge)
    )


def test_half_a_pair_is_refused() -> None:
    # 3 = one pair and a half; whole pairs give 2.
    assert rows(_pairs(), ask(group((GPU, 3)))) == [("BRIDGE_SPLIT", FIELD, 3, 2, "devices")]
    assert len(grant(_pairs(), ask(group((GPU, 2)))).nodes[0].blocks) == 2


def test_groups_of_four_are_kept_whole() -> None:
    assert rows(_pairs(4), ask(group((GPU, 6)))) == [("BRIDGE_SPLIT", FIELD, 6, 4, "devices")]
    assert len(grant(_pairs(4), ask(group((GPU, 8)))).nodes[0].blocks) == 8


def test_the_waiver_is_suggested_and_lets_it_through() -> None:
    refusal = refused(_pairs(), ask(group((GPU, 3)))).refusals[0]

    assert [(one.kind, one.value) for one in refusal.suggestions] == [("bridge", "allow_bridge_split"), ("count", 2)]
    assert len(grant(_pairs(), ask(group((GPU, 3), allow_bridge_split=True))).nodes[0].blocks) == 3


def test_a_card_whose_mate_is_broken_is_no_whole_group() -> None:
    # Four pairs, one of them with a broken card: 7 healthy cards, 6 in whole pairs.
    world = with_block(_pairs(), "pru-1-s01", is_usable=False)

    assert rows(world, ask(group((GPU, 7)))) == [("BRIDGE_SPLIT", FIELD, 7, 6, "devices")]
    assert "pru-1-s02" not in nodes(grant(world, ask(group((GPU, 6)))))[0][1]


def test_a_waived_request_takes_broken_groups_first() -> None:
    held = taken("pru-1-s03", host="host-2")

    plan = grant(_pairs(), ask(group((GPU, 1), allow_bridge_split=True)), commitments=held)

    assert nodes(plan) == [("host-1", ("pru-1-s04",))]


def test_nodes_that_waive_leave_whole_groups_to_those_that_do_not() -> None:
    # 5 cards waived and a pair: the five must not break the fourth pair.
    plan = grant(_pairs(), ask(group((GPU, 5), allow_bridge_split=True), group((GPU, 2))))

    pair = {block[-2:] for block in nodes(plan)[1][1]}
    assert pair in ({"01", "02"}, {"03", "04"}, {"05", "06"}, {"07", "08"})
