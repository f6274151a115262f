"""A placement under the rules wherever there is one, or the proof that there is none. Pure.

Asked where the greedy search found nothing. The solver behind it may fail; so what it finds is measured by the very
rules it was found under before it is given out, and a placement that breaks one is an error and no answer.
"""

from collections.abc import Collection, Sequence

from scheduler.limits import EXACT_POLISH_WORK_MAX, EXACT_SECONDS_MAX, EXACT_SIZE_MAX, EXACT_WORK_MAX
from scheduler.planning import exact_solver
from scheduler.planning.case import Case, Draft
from scheduler.planning.exact_cells import Stock
from scheduler.planning.exact_cost import cost_of
from scheduler.planning.exact_drafting import drafts
from scheduler.planning.exact_model import CellModel
from scheduler.planning.exact_solver import Effort
from scheduler.planning.rules.base import PlacementRule
from scheduler.planning.search import SearchLimit
from scheduler.refusals import RefusalCode

SEARCH = Effort(EXACT_WORK_MAX, EXACT_SECONDS_MAX)
POLISH = Effort(EXACT_POLISH_WORK_MAX, EXACT_SECONDS_MAX)


class Mismatch(RuntimeError):
    """A rule says one thing to the search and another of what was found: a fault in the rule."""


def solve(
    *, case: Case, rules: Sequence[PlacementRule], active: Collection[RefusalCode], effort: Effort = SEARCH
) -> Draft | None:
    """A draft in the order of the wishes, None if there provably is none; raises `SearchLimit` in doubt.

    Asks may be open: where they accept several classes, the wish of a placed node is re-made to say what it got.
    """
    kept = [rule for rule in rules if rule.code in active]
    model = stated([case], kept)
    found = exact_solver.find(model.program, effort=effort)
    if found is None:
        return None
    cost = cost_of(model)
    if cost.terms:
        found = exact_solver.improve(model.program, cost=cost, start=found, effort=POLISH)
    draft = drafts(model, found)[0]
    check(case, draft, kept)
    return draft


def stated(
    cases: Sequence[Case],
    rules: Sequence[PlacementRule],
    *,
    own: Collection[str] = (),
    told_apart: Collection[int] = (),
) -> CellModel:
    """The model of these cases with every rule in it. See `Stock` for `own`, `CellModel` for `told_apart`.

    One too large to be built in time raises `SearchLimit`.
    """
    is_zoned = any(rule.code is RefusalCode.ZONE_MISMATCH for rule in rules)
    stock = Stock(cases, frozenset(own))
    if len(stock.cells) * sum(len(case.wishes) for case in cases) > EXACT_SIZE_MAX:
        raise SearchLimit
    model = CellModel(stock, is_zoned=is_zoned, told_apart=told_apart)
    for rule in rules:
        if rule.encode is not None:
            rule.encode(model)
    return model


def check(case: Case, draft: Draft, rules: Sequence[PlacementRule]) -> None:
    """Raises `Mismatch` where the draft breaks a rule.

    Rule R2 gives up on links after so many steps; what it cannot confirm is not proven (`SearchLimit`).
    """
    for rule in rules:
        broken = next(iter(rule.violations(case, draft)), None)
        if broken is not None and rule.code is RefusalCode.NO_FABRIC_PORT:
            raise SearchLimit
        if broken is not None:
            raise Mismatch(f"{rule.code}: {broken.message}")
