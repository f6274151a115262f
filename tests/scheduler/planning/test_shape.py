from dataclasses import replace
from random import Random

from fabric.topology import BlockFacts
from scheduler.planning.shape import Shape
from tests.worlds import GPU, NIC, NVME, cards, host, pru, system, topology, two_hosts_eight_gpus, with_block, with_host

MACHINE, ITS_CARDS = system("sys-1", "board-a", 2)
WORLD = topology(
    hosts=[host("host-2"), host("host-1", zone="zone-2"), MACHINE],
    prus=[pru("pru-1")],
    blocks=[*cards("pru-1", NIC, 1, kind="nic"), *cards("pru-1", GPU, 2), *ITS_CARDS],
)


def codes(shape: Shape, mask: int) -> list[str]:
    return [unit.code for unit in shape.units_in(mask)]


def test_hosts_come_first_and_then_the_blocks_class_by_class() -> None:
    shape = Shape(WORLD)

    assert [unit.code for unit in shape.units] == [
        *("host-1", "host-2", "sys-1"),
        *("sys-1-s01", "sys-1-s02", "pru-1-s01", "pru-1-s02", "pru-1-n01"),
    ]
    assert [shape.bit_of[key] for key in shape.keys] == list(range(8))


def test_masks_say_what_belongs_together() -> None:
    shape = Shape(WORLD)

    assert codes(shape, shape.class_masks[GPU, "zone zone-1"]) == ["pru-1-s01", "pru-1-s02"]
    assert codes(shape, shape.class_masks["board-a", "host sys-1"]) == ["sys-1-s01", "sys-1-s02"]
    assert codes(shape, shape.chassis_masks[NIC, "pru-1"]) == ["pru-1-n01"]
    assert codes(shape, shape.host_masks["zone zone-2"]) == ["host-1"]
    assert codes(shape, shape.host_masks["host sys-1"]) == ["sys-1"]
    assert codes(shape, 0) == []


def test_an_unhealthy_unit_is_in_its_masks_and_not_among_the_usable() -> None:
    world = with_host(with_block(WORLD, "pru-1-s01", is_usable=False), "host-2", is_usable=False)

    shape = Shape(world)

    assert {"host-2", "pru-1-s01"}.isdisjoint(codes(shape, shape.usable))
    assert len(codes(shape, shape.usable)) == 6
    assert codes(shape, shape.class_masks[GPU, "zone zone-1"]) == ["pru-1-s01", "pru-1-s02"]


def test_the_order_of_input_is_forgotten() -> None:
    shuffled: list[BlockFacts] = list(WORLD.blocks.values())
    Random(1).shuffle(shuffled)
    again = Shape(replace(WORLD, blocks={one.code: one for one in shuffled}))

    assert again.keys == Shape(WORLD).keys


def test_a_timeline_goes_on_under_another_condition_and_not_under_other_units() -> None:
    world = two_hosts_eight_gpus()
    shape = Shape(world)

    assert shape.holds_the_same_units(Shape(with_block(world, "pru-1-s01", is_usable=False)))
    assert not shape.holds_the_same_units(Shape(with_block(world, "pru-1-s01", device_class=NVME)))
    assert not shape.holds_the_same_units(Shape(with_host(world, "host-1", rack="rack-9")))
    assert not shape.holds_the_same_units(Shape(replace(world, policy=replace(world.policy, slot_minutes=30))))
