from tests.scheduler.planning.asking import grant, rows
from tests.worlds import GPU, ask, cards, group, host, ports, pru, taken, topology


def _world(host_planes: str, pru_1: str, pru_2: str):
    named = {"a": "plane-a", "b": "plane-b"}
    return topology(
        hosts=[host(f"host-{n}", ports=ports(*(named[p] for p in host_planes))) for n in (1, 2, 3)],
        prus=[pru(f"pru-{n}", uplinks=ports(*(named[p] for p in planes))) for n, planes in ((1, pru_1), (2, pru_2))],
        blocks=[*cards("pru-1", GPU, 4), *cards("pru-2", GPU, 4)],
    )


def test_both_ends_of_a_link_must_be_on_one_plane() -> None:
    assert rows(_world("a", "b", "b"), ask(group((GPU, 1)))) == [("NO_FABRIC_PORT", "mix[0]", 1, 0, "links")]
    assert grant(_world("a", "b", "a"), ask(group((GPU, 1)))).nodes[0].blocks == ("pru-2-s01",)


def test_two_links_need_two_planes_that_match_and_not_two_ports_in_all() -> None:
    # 5 GPUs lie in both PRUs. The host's ports end on a and b; both PRUs end on a twice: two uplinks each, one match.
    assert rows(_world("ab", "aa", "aa"), ask(group((GPU, 5)))) == [("NO_FABRIC_PORT", "mix[0]", 2, 1, "links")]
    assert grant(_world("ab", "aa", "ab"), ask(group((GPU, 5))))


def test_the_links_of_others_take_their_plane() -> None:
    # host-3 joins PRU 1 on plane a; host-1 then finds b, which PRU 1 has and its own ports have too.
    held = taken("pru-1-s01", host="host-3", planes={"pru-1": "plane-a"})
    both = ask(group((GPU, 3), same_pru=True), group((GPU, 4), same_pru=True))

    assert grant(_world("ab", "ab", "ab"), both, commitments=held)


def test_a_plane_that_is_used_up_refuses_though_an_uplink_is_free() -> None:
    # PRU 1 has one uplink on a and one on b; host-3 took a, since its ports are all on a, and so are host-1's.
    held = taken("pru-1-s01", host="host-3")
    world = _world("aa", "ab", "bb")

    assert rows(world, ask(group((GPU, 1))), commitments=held) == [("NO_FABRIC_PORT", "mix[0]", 1, 0, "links")]
    assert grant(world, ask(group((GPU, 1))))
