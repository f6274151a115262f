from tests.scheduler.planning.asking import grant, rows
from tests.worlds import GPU, ask, cards, group, host, pru, topology


def _world(max_w: int, *more):
    slots = {"accelerator": max_w, "bay": 25, "nic": 150}
    prus = [pru("pru-1", slot_max_w=slots), pru("pru-2")]
    return topology(hosts=[host("host-1")], prus=prus, blocks=[*cards("pru-1", GPU, 4), *more])


def test_a_card_above_its_slot_is_refused() -> None:
    # The card draws 100 W.
    assert rows(_world(99), ask(group((GPU, 1)))) == [("SLOT_POWER", "mix[0].lines[0].count", 100, 99, "W")]
    assert grant(_world(100), ask(group((GPU, 1))))


def test_a_stronger_slot_elsewhere_is_used() -> None:
    world = _world(99, *cards("pru-2", GPU, 1))

    assert grant(world, ask(group((GPU, 1)))).nodes[0].blocks == ("pru-2-s01",)
    assert rows(world, ask(group((GPU, 2)))) == [("SLOT_POWER", "mix[0].lines[0].count", 100, 99, "W")]
