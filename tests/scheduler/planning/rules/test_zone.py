from tests.scheduler.planning.asking import grant, nodes, rows
from tests.worlds import GPU, NVME, ask, cards, group, host, pru, system, taken, topology


def _two_zones(left: int, right: int, *, more=()):
    return topology(
        hosts=[host("host-1"), host("host-2", zone="zone-2"), host("host-3", zone="zone-2")],
        prus=[pru("pru-1"), pru("pru-2", zone="zone-2")],
        blocks=[*cards("pru-1", GPU, left), *cards("pru-2", GPU, right, zone="zone-2"), *more],
    )


def test_a_node_cannot_be_gathered_from_two_zones() -> None:
    # 3 + 5 = 8 in the pool, 5 in the better zone.
    assert rows(_two_zones(3, 5), ask(group((GPU, 6)))) == [("ZONE_MISMATCH", "mix[0].lines[0].count", 6, 5, "devices")]
    assert nodes(grant(_two_zones(3, 5), ask(group((GPU, 5)))))[0][0] == "host-2"


def test_what_is_taken_in_a_zone_does_not_count() -> None:
    # 4 + 4, of which one of the left is taken: 7 free, 4 in the better zone.
    held = taken("pru-1-s01", host="host-1", with_host=False)

    assert rows(_two_zones(4, 4), ask(group((GPU, 5))), commitments=held) == [
        ("ZONE_MISMATCH", "mix[0].lines[0].count", 5, 4, "devices")
    ]


def test_each_node_may_have_a_zone_of_its_own() -> None:
    plan = grant(_two_zones(4, 4), ask(group((GPU, 4), nodes=2)))

    assert sorted(host for host, _ in nodes(plan)) == ["host-1", "host-2"]


def test_two_classes_of_one_node_must_share_a_zone() -> None:
    # The GPUs are in zone 1, the drive in zone 2: each zone has one of the two kinds.
    world = _two_zones(1, 0, more=cards("pru-2", NVME, 1, kind="bay", zone="zone-2"))

    assert rows(world, ask(group((GPU, 1), (NVME, 1)))) == [("ZONE_MISMATCH", "mix[0].lines", 2, 1, "devices")]


def test_a_fixed_system_reaches_only_its_own_devices() -> None:
    machine, blocks = system("sys-1", "board-a")
    world = topology(
        hosts=[host("host-1"), machine], prus=[pru("pru-1")], blocks=[*cards("pru-1", NVME, 2, kind="bay"), *blocks]
    )

    assert rows(world, ask(group(("board-a", 8), (NVME, 1)))) == [("ZONE_MISMATCH", "mix[0].lines", 9, 8, "devices")]
    assert grant(world, ask(group(("board-a", 8)))).nodes[0].host == "sys-1"
