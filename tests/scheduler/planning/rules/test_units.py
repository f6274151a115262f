from dataclasses import replace

from tests.scheduler.planning.asking import grant, nodes, refused, rows
from tests.worlds import ask, cards, group, host, pru, system, taken, topology, with_block

FIELD = "mix[0].lines[0].count"


def _world(partitions=(), count: int = 1):
    made = [system(f"sys-{n}", "board-a", partitions=partitions) for n in range(1, count + 1)]
    return topology(hosts=[m for m, _ in made], prus=[], blocks=[b for _, blocks in made for b in blocks])


def test_a_system_without_partitions_is_granted_whole_or_not_at_all() -> None:
    assert rows(_world(), ask(group(("board-a", 4)))) == [("UNIT_INDIVISIBLE", FIELD, 4, 8, "devices")]
    assert len(grant(_world(), ask(group(("board-a", 8)))).nodes[0].blocks) == 8


def test_a_listed_partition_is_granted_and_a_size_between_is_not() -> None:
    world = _world((8, 4, 2, 1))

    assert rows(world, ask(group(("board-a", 3)))) == [("UNIT_INDIVISIBLE", FIELD, 3, 2, "devices")]
    assert nodes(grant(world, ask(group(("board-a", 4))))) == [
        ("sys-1", ("sys-1-s01", "sys-1-s02", "sys-1-s03", "sys-1-s04"))
    ]


def test_the_sizes_next_to_it_are_suggested() -> None:
    refusal = refused(_world((8, 4, 2, 1)), ask(group(("board-a", 3)))).refusals[0]

    assert [(one.kind, one.value) for one in refusal.suggestions] == [("count", 2), ("count", 4)]


def test_no_node_spans_two_systems() -> None:
    assert rows(_world((8, 4), count=2), ask(group(("board-a", 16)))) == [("UNIT_INDIVISIBLE", FIELD, 16, 8, "devices")]


def test_a_partition_takes_the_whole_system() -> None:
    # Two nodes of 4 would fit the 8 devices, but a system serves one node at a time.
    assert rows(_world((8, 4)), ask(group(("board-a", 4), nodes=2))) == [
        ("NO_FREE_HOST", "mix[0].nodes", 2, 1, "hosts")
    ]


def test_a_taken_partition_keeps_the_rest_of_its_system() -> None:
    held = taken("sys-1-s01", "sys-1-s02", "sys-1-s03", "sys-1-s04", host="sys-1")

    assert rows(_world((8, 4)), ask(group(("board-a", 4))), commitments=held) == [
        ("NO_FREE_HOST", "mix[0].nodes", 1, 0, "hosts")
    ]


def test_partitions_are_aligned_and_healthy_throughout() -> None:
    # Without device 2 the first half is broken; the second half still is a partition of 4.
    world = with_block(_world((8, 4)), "sys-1-s02", is_usable=False)

    assert nodes(grant(world, ask(group(("board-a", 4)))))[0][1] == ("sys-1-s05", "sys-1-s06", "sys-1-s07", "sys-1-s08")


def test_broken_devices_in_both_halves_leave_no_partition() -> None:
    # Six are healthy, but neither half is whole.
    world = with_block(with_block(_world((8, 4)), "sys-1-s02", is_usable=False), "sys-1-s07", is_usable=False)

    assert rows(world, ask(group(("board-a", 4)))) == [("UNIT_INDIVISIBLE", FIELD, 4, 0, "devices")]


def test_pooled_boards_are_granted_in_whole_units() -> None:
    world = topology(
        hosts=[host("host-1", max_accelerators=16)], prus=[pru("pru-1")], blocks=cards("pru-1", "board-b", 16)
    )

    assert rows(world, ask(group(("board-b", 12)))) == [("UNIT_INDIVISIBLE", FIELD, 12, 8, "devices")]
    assert len(grant(world, ask(group(("board-b", 16)))).nodes[0].blocks) == 16


def test_the_limits_of_composing_do_not_bind_a_fixed_system() -> None:
    world = _world()
    machine = replace(world.hosts["sys-1"], max_accelerators=1, mmio_high_gib=1, driver_families_max=0)

    assert grant(replace(world, hosts={"sys-1": machine}), ask(group(("board-a", 8))))
