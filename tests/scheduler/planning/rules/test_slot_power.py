from scheduler.planning.rules import slot_power
from scheduler.requests import Group, Line
from tests.scheduler.planning.asking import grant, rows
from tests.scheduler.planning.drafting import broken, drafted
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


def _capped(watts: int | None):
    return ask(Group("", 1, (Line(GPU, 1, power_cap_w=watts),)))


def test_a_power_cap_counts_in_place_of_the_draw() -> None:
    node = ("host-1", "pru-1-s01")

    assert broken(slot_power.RULE, _world(80), _capped(81), node) == [
        ("SLOT_POWER", "mix[0].lines[0].count", 81, 80, "W")
    ]
    assert broken(slot_power.RULE, _world(80), _capped(80), node) == []


def test_a_cap_is_proposed_down_to_half_of_the_draw() -> None:
    # 50 W is half of 100 W.
    node = ("host-1", "pru-1-s01")

    assert _proposed(_world(50), node) == [("power_cap", "Hold each GPU-A to 50 W.", 50)]
    assert _proposed(_world(49), node) == []


def _proposed(world, node):
    case, draft = drafted(world, _capped(None), node)
    (refusal,) = slot_power.RULE.violations(case, draft)
    return [(one.kind, one.message, one.value) for one in refusal.suggestions]
