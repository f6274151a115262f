from scheduler.planning.rules import paths
from tests.scheduler.planning.asking import grant, nodes, rows
from tests.scheduler.planning.drafting import broken, run
from tests.worlds import GPU, NVME, ask, cards, group, host, pru, taken, topology


def _world():
    blocks = [*cards("pru-1", GPU, 8), *cards("pru-2", GPU, 4), *cards("pru-2", NVME, 2, kind="bay")]
    return topology(hosts=[host("host-1", max_accelerators=12)], prus=[pru("pru-1"), pru("pru-2")], blocks=blocks)


def test_same_switch_is_refused_where_no_switch_has_so_many() -> None:
    # Every switch has four.
    assert rows(_world(), ask(group((GPU, 5), same_switch=True))) == [
        ("P2P_PATH", "mix[0].placement.same_switch", 5, 4, "devices")
    ]
    assert {block[:5] for block in nodes(grant(_world(), ask(group((GPU, 4), same_switch=True))))[0][1]} == {"pru-2"}


def test_same_pru_is_refused_where_no_pru_has_so_many() -> None:
    # 12 in the pool, 8 in the larger PRU.
    assert rows(_world(), ask(group((GPU, 9), same_pru=True))) == [
        ("P2P_PATH", "mix[0].placement.same_pru", 9, 8, "devices")
    ]
    assert len(grant(_world(), ask(group((GPU, 8), same_pru=True))).nodes[0].blocks) == 8


def test_what_others_hold_does_not_count() -> None:
    held = taken("pru-1-s01", host="other", with_host=False)

    assert rows(_world(), ask(group((GPU, 8), same_pru=True)), commitments=held) == [
        ("P2P_PATH", "mix[0].placement.same_pru", 8, 7, "devices")
    ]


def test_drives_may_lie_elsewhere_than_the_accelerators() -> None:
    plan = grant(_world(), ask(group((GPU, 8), (NVME, 1), same_pru=True)))

    assert nodes(plan)[0][1][-1] == "pru-2-b01"


def test_without_accelerators_all_devices_are_peers() -> None:
    world = topology(
        hosts=[host("host-1")],
        prus=[pru("pru-1"), pru("pru-2")],
        blocks=[*cards("pru-1", NVME, 2, kind="bay"), *cards("pru-2", NVME, 2, kind="bay")],
    )

    assert rows(world, ask(group((NVME, 3), same_pru=True))) == [
        ("P2P_PATH", "mix[0].placement.same_pru", 3, 2, "devices")
    ]
    assert grant(world, ask(group((NVME, 3))))


def test_p2p_is_one_pru_for_the_accelerators() -> None:
    # 12 in the pool, 8 in the larger PRU: 9 lie in two, 8 in one.
    nine, eight = (ask(group((GPU, count), (NVME, 1), p2p=True)) for count in (9, 8))
    first = run("pru-1-s", 1, 8)

    assert broken(paths.RULE, _world(), nine, ("host-1", *first, "pru-2-s01", "pru-2-b01")) == [
        ("P2P_PATH", "mix[0].placement.p2p", 9, 8, "devices")
    ]
    assert broken(paths.RULE, _world(), eight, ("host-1", *first, "pru-2-b01")) == []


def test_the_narrowest_that_was_asked_for_is_named() -> None:
    # Two switches of one PRU: enough for p2p and same_pru, not for same_switch.
    apart = ("host-1", *run("pru-1-s", 1, 5))

    assert broken(paths.RULE, _world(), ask(group((GPU, 5), p2p=True, same_pru=True)), apart) == []
    assert broken(paths.RULE, _world(), ask(group((GPU, 5), p2p=True, same_switch=True)), apart) == [
        ("P2P_PATH", "mix[0].placement.same_switch", 5, 4, "devices")
    ]


def test_p2p_says_nothing_of_drives() -> None:
    world = topology(
        hosts=[host("host-1")],
        prus=[pru("pru-1"), pru("pru-2")],
        blocks=[*cards("pru-1", NVME, 1, kind="bay"), *cards("pru-2", NVME, 1, kind="bay")],
    )

    assert broken(paths.RULE, world, ask(group((NVME, 2), p2p=True)), ("host-1", "pru-1-b01", "pru-2-b01")) == []
