"""Why nothing fits: rule after rule, each judged together with those before it that hold. Pure.

A rule is named only if no placement keeps it beside the rules already kept, so what is reported would refuse the
request however the other reported things were mended. The numbers are those of the best placement that breaks it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from scheduler.limits import DIAGNOSIS_STEPS_MAX, SEARCH_STEPS_MAX
from scheduler.planning import exact
from scheduler.planning.case import Case, Draft
from scheduler.planning.rules.base import PlacementRule
from scheduler.planning.rules.registry import PLACEMENT_RULES
from scheduler.planning.search import Search, SearchLimit
from scheduler.refusals import Refusal, RefusalCode

ALL = frozenset(rule.code for rule in PLACEMENT_RULES)
UNPROVEN = Refusal(
    code=RefusalCode.SEARCH_LIMIT,
    field="mix",
    message=(
        "No placement was found within the search limit, and none was proven impossible; ask for less, "
        "or for another time."
    ),
)


def find(case: Case, *, steps_max: int = SEARCH_STEPS_MAX, active: Collection[RefusalCode] = ALL) -> Draft | None:
    """A placement under the active rules, None if there provably is none; raises `SearchLimit` in doubt."""
    try:
        return seek(case, steps_max=steps_max, active=active)
    except SearchLimit:
        return prove(case, active=active)


def seek(case: Case, *, steps_max: int, active: Collection[RefusalCode] = ALL) -> Draft | None:
    """Greedy: quick, and silent (`SearchLimit`) where it cannot tell."""
    return Search(case, rules=PLACEMENT_RULES, active=active, steps_max=steps_max).run()


def prove(case: Case, *, active: Collection[RefusalCode] = ALL) -> Draft | None:
    """The exact search: slower, and nearly always certain."""
    return exact.solve(case=case, rules=PLACEMENT_RULES, active=frozenset(active))


def placement_refusals(case: Case) -> list[Refusal]:
    """Called when no placement keeps every rule. Never empty."""
    kept: set[RefusalCode] = set()
    refusals: list[Refusal] = []
    draft = _try(case, kept)
    for rule in PLACEMENT_RULES if draft is not None else ():
        draft, refused = _judge(case, rule, kept, draft or ())
        refusals += refused
    return refusals or [UNPROVEN]


def _judge(case: Case, rule: PlacementRule, kept: set[RefusalCode], draft: Draft) -> tuple[Draft, Sequence[Refusal]]:
    """The rule is kept if the draft obeys it already or another one can; in doubt it is neither kept nor named."""
    broken = list(rule.violations(case, draft))
    if not broken:
        kept.add(rule.code)
        return draft, ()
    try:
        other = find(case, active={*kept, rule.code}, steps_max=DIAGNOSIS_STEPS_MAX)
    except SearchLimit:
        return draft, ()
    if other is None or any(rule.violations(case, other)):
        return draft, broken
    kept.add(rule.code)
    return other, ()


def _try(case: Case, kept: set[RefusalCode]) -> Draft | None:
    try:
        return find(case, active=kept, steps_max=DIAGNOSIS_STEPS_MAX)
    except SearchLimit:
        return None


def distinct(refusals: Iterable[Refusal]) -> Iterator[Refusal]:
    """One a code and field: sixteen nodes of a group that fail alike are one reason."""
    seen: set[tuple[RefusalCode, str]] = set()
    for refusal in refusals:
        if (refusal.code, refusal.field) not in seen:
            seen.add((refusal.code, refusal.field))
            yield refusal
