"""The planner against a second opinion: what it refuses cannot be, and what it plans can.

Every instance is made from its seed. Where the two disagree, the seed and the whole instance are shown.
"""

import pytest

from scheduler.planning import exact
from scheduler.planning.attempts import attempt
from scheduler.planning.case import Case
from scheduler.planning.choices import choices, open_wishes
from scheduler.planning.diagnosis import ALL
from scheduler.planning.index import PoolIndex
from scheduler.planning.invariants import broken
from scheduler.planning.plan import Plan
from scheduler.planning.rules.registry import PLACEMENT_RULES
from scheduler.refusals import RefusalCode
from tests.scheduler.planning.instances import SELECTORS, Instance, instance
from tests.scheduler.planning.oracle import placement
from tests.scheduler.planning.oracle_facts import Party, World, party, settlements
from tests.scheduler.planning.oracle_faults import faults
from tests.scheduler.planning.seating import seated
from tests.worlds import NOW, commitments_of, snapshot

IN_A_BATCH = 25
BATCHES = 20
DEEP_BATCHES = 400


@pytest.mark.parametrize("batch", range(BATCHES))
def test_the_planner_agrees_with_the_second_opinion(batch: int) -> None:
    _agrees(batch)


@pytest.mark.deep
@pytest.mark.parametrize("batch", range(BATCHES, DEEP_BATCHES))
def test_the_planner_agrees_with_the_second_opinion_on_many_more(batch: int) -> None:
    _agrees(batch)


def test_the_instances_are_of_both_kinds_and_use_the_whole_language() -> None:
    """Else agreeing would mean little."""
    ones = [instance(seed) for seed in range(BATCHES * IN_A_BATCH)]
    feasible = sum(any(_fits(one)) for one in ones)
    lines = [line for one in ones for group in one.request.mix.groups for line in group.lines]

    assert len(ones) / 4 < feasible < len(ones) * 3 / 4
    assert all(sum(bool(getattr(line, name)) for line in lines) > 20 for name in ("selector", "profile", "first_of"))


def _agrees(batch: int) -> None:
    wrong = [
        f"{words}\n{one}"
        for one in map(instance, range(batch * IN_A_BATCH, (batch + 1) * IN_A_BATCH))
        for words in (*_disagreement(one), *_exact_disagreement(one))
    ]

    assert not wrong, "\n\n".join(wrong)


def _disagreement(one: Instance) -> list[str]:
    answer = attempt(request=one.request, index=PoolIndex(snapshot(one.topology, commitments=one.held)))
    fitting = _fits(one)
    if isinstance(answer, Plan):
        return _infeasible(one, answer, fitting.index(True)) if any(fitting) else ["planned what cannot be"]
    unproven = [refusal.message for refusal in answer if refusal.code is RefusalCode.SEARCH_LIMIT]
    return ["refused what fits"] if any(fitting) else unproven


def _exact_disagreement(one: Instance) -> list[str]:
    """The exact search by itself, which the planner asks only in doubt, on each way to settle the alternatives."""
    index = PoolIndex(snapshot(one.topology, commitments=one.held))
    wrong = []
    for choice in choices(one.request.mix, one.topology):
        wishes = open_wishes(choice, one.topology)
        case = Case(wishes=wishes, window=one.request.window, project=one.request.project, index=index)
        draft = exact.solve(case=case, rules=PLACEMENT_RULES, active=ALL) if wishes else None
        opinion = placement(_world(one), [party(_world(one), one.request, choice.mix)])
        if (draft is None) != (opinion is None):
            wrong.append(f"the exact search says {draft is not None}, the second opinion {opinion is not None}")
    return wrong


def _world(one: Instance) -> World:
    return World(one.topology, one.held, NOW, SELECTORS)


def _parties(one: Instance) -> list[Party]:
    """One for every way to settle its alternatives, the preferred first."""
    return [party(_world(one), one.request, mix) for mix in settlements(one.request.mix)]


def _fits(one: Instance) -> list[bool]:
    """Up to the first that does."""
    found: list[bool] = []
    for who in _parties(one):
        found.append(placement(_world(one), [who]) is not None)
        if found[-1]:
            break
    return found


def _infeasible(one: Instance, plan: Plan, settled: int) -> list[str]:
    """What the second opinion, and the invariants of a pool, have against a plan."""
    who = _parties(one)[settled]
    spots = [seated(_world(one), node, want.parts) for node, want in zip(plan.nodes, who.wants, strict=True)]
    before = {(wrong.invariant, wrong.what) for wrong in broken(topology=one.topology, commitments=one.held)}
    mine = commitments_of(plan, reservation="new")
    after = broken(topology=one.topology, commitments=[*one.held, *mine])
    return [
        *faults(_world(one), who, spots),
        *(
            f"{wrong.what}: {wrong.need} of {wrong.have}"
            for wrong in after
            if (wrong.invariant, wrong.what) not in before
        ),
    ]
