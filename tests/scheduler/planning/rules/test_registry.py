"""No rule is there for nothing: each has a world that it alone refuses, and that is granted without it."""

import sys
from collections import Counter

import pytest

from scheduler.planning import diagnosis
from scheduler.planning.attempts import case_of
from scheduler.planning.index import PoolIndex
from scheduler.planning.rules.base import PlacementRule, RequestRule
from scheduler.planning.rules.registry import ADMISSION_RULES, DEVICE_RULES, PLACEMENT_RULES
from scheduler.refusals import RefusalCode, Refused
from tests.scheduler.planning.asking import grant, rows
from tests.scheduler.planning.drafting import Node, drafted
from tests.scheduler.planning.rules.biting import BITES, REQUESTS, Bite
from tests.worlds import snapshot

# An ask for slices accepts only cards that may be cut; the rule alone can say that this is why.
NOBODY_ELSE_KNOWS = [RefusalCode.DEVICE_BUSY.value]  # the lines count the cards that may be cut as theirs

each_rule = pytest.mark.parametrize("rule", PLACEMENT_RULES, ids=lambda rule: rule.code)


def test_every_rule_has_a_code_and_a_world_of_its_own() -> None:
    assert Counter(rule.code for rule in PLACEMENT_RULES) == Counter(BITES.keys())


@each_rule
def test_without_the_rule_nothing_is_wrong_in_its_world(rule: PlacementRule) -> None:
    bite = BITES[rule.code]
    case, draft = drafted(bite.world, bite.request, *bite.nodes, **bite.around)

    found = {one.code: list(one.violations(case, draft)) for one in PLACEMENT_RULES}

    assert {code for code, refusals in found.items() if refusals} == {rule.code}
    assert {refusal.code for refusal in found[rule.code]} == {rule.code}


@each_rule
def test_the_planner_refuses_its_world_for_that_reason_alone(rule: PlacementRule) -> None:
    bite = BITES[rule.code]

    assert {code for code, *_ in rows(bite.reduced(), bite.request, **bite.around)} == {rule.code.value}


@each_rule
def test_taken_out_of_the_registry_it_refuses_no_more(rule: PlacementRule, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everywhere: the planner's modules hold the registry's lists by name."""
    bite = BITES[rule.code]
    _take_out(rule.code, monkeypatch)

    assert _answer(bite) == (NOBODY_ELSE_KNOWS if rule.code is RefusalCode.MIG_LAYOUT else _units(*bite.nodes))


@each_rule
def test_the_exact_search_keeps_it_and_nothing_more(rule: PlacementRule) -> None:
    """What `encode` states is what `violations` measures."""
    bite = BITES[rule.code]
    case, _ = drafted(bite.reduced(), bite.request, *bite.nodes, **bite.around)

    assert diagnosis.prove(case) is None
    if rule.code is not RefusalCode.MIG_LAYOUT:
        found = diagnosis.prove(case, active=diagnosis.ALL - {rule.code})
        assert found is not None
        assert _units(*((one.host.code, *(b.code for b in one.blocks)) for one in found)) == _units(*bite.nodes)


each_request_rule = pytest.mark.parametrize(
    "rule", (*ADMISSION_RULES, *DEVICE_RULES), ids=lambda rule: f"{rule.__module__.rpartition('.')[2]}.{rule.__name__}"
)


def test_every_request_rule_has_a_world_of_its_own() -> None:
    assert Counter(rule.__name__ for rule in (*ADMISSION_RULES, *DEVICE_RULES)) == Counter(REQUESTS.keys())


@each_request_rule
def test_a_request_rule_alone_refuses_its_world(rule: RequestRule) -> None:
    bite = REQUESTS[rule.__name__]
    case = case_of(request=bite.request, index=PoolIndex(snapshot(bite.world, **bite.around)))

    assert [one for one in (*ADMISSION_RULES, *DEVICE_RULES) if any(one(case))] == [rule]


def _answer(bite: Bite) -> list[str]:
    """The units of the plan, else the codes of the refusals."""
    try:
        plan = grant(bite.reduced(), bite.request, **bite.around)
    except Refused as refused:
        return [one.code.value for one in refused.refusals]
    return _units(*((node.host, *node.blocks) for node in plan.nodes))


def _units(*nodes: Node) -> list[str]:
    return sorted(unit for node in nodes for unit in node)


def _take_out(code: RefusalCode, monkeypatch: pytest.MonkeyPatch) -> None:
    def without(rule: RequestRule) -> RequestRule:
        return lambda case: [refusal for refusal in rule(case) if refusal.code is not code]

    lists = {
        "PLACEMENT_RULES": tuple(rule for rule in PLACEMENT_RULES if rule.code is not code),
        "DEVICE_RULES": tuple(without(rule) for rule in DEVICE_RULES),
        "ALL": frozenset(rule.code for rule in PLACEMENT_RULES) - {code},
    }
    for name, module in list(sys.modules.items()):
        for attribute, value in lists.items():
            if name.startswith("scheduler.planning") and hasattr(module, attribute):
                monkeypatch.setattr(module, attribute, value)
    for search in (diagnosis.find, diagnosis.seek, diagnosis.prove):
        monkeypatch.setitem(search.__kwdefaults__, "active", lists["ALL"])
