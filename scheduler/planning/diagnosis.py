"""Why nothing fits: rule after rule, each judged together with those before it that hold. Pure.

A rule is named only if no placement keeps it beside the rules already kept, so what is reported would refuse the
request however the other reported things were mended. The numbers are those of the best placement that breaks it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from scheduler.limits import (
    DIAGNOSIS_DOUBTS_MAX,
    DIAGNOSIS_STEPS_MAX,
    EXACT_DIAGNOSIS_WORK_MAX,
    EXACT_SECONDS_MAX,
    SEARCH_STEPS_MAX,
)
from scheduler.planning import exact
from scheduler.planning.case import Case, Draft
from scheduler.planning.exact_solver import Effort
from scheduler.planning.rules import shortage
from scheduler.planning.rules.base import PlacementRule
from scheduler.planning.rules.registry import PLACEMENT_RULES
from scheduler.planning.search import Search, SearchLimit
from scheduler.refusals import Refusal, RefusalCode


class Doubtful(Enum):
    """Neither a placement nor the proof that there is none."""

    DOUBTFUL = "doubtful"


DOUBTFUL = Doubtful.DOUBTFUL
DIAGNOSIS = Effort(EXACT_DIAGNOSIS_WORK_MAX, EXACT_SECONDS_MAX)
ALL = frozenset(rule.code for rule in PLACEMENT_RULES)
CEILINGS = frozenset({RefusalCode.QUOTA_DEVICES, RefusalCode.QUOTA_HOURS})
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


def prove(case: Case, *, active: Collection[RefusalCode] = ALL, effort: Effort = exact.SEARCH) -> Draft | None:
    """The exact search: slower, and nearly always certain. A fault in a rule is a doubt, and no error for the user."""
    try:
        return exact.solve(case=case, rules=PLACEMENT_RULES, active=frozenset(active), effort=effort)
    except exact.Mismatch as fault:
        raise SearchLimit from fault


def placement_refusals(case: Case, *, doubts_max: int = DIAGNOSIS_DOUBTS_MAX) -> list[Refusal]:
    """Called when no placement keeps every rule. Never empty.

    After so many exact searches that could not tell, only greedy is asked, so that an answer is never long in coming.
    """
    return _Diagnosis(case, doubts_max).run() or [UNPROVEN]


@dataclass
class _Diagnosis:
    case: Case
    doubts_left: int
    kept: set[RefusalCode] = field(default_factory=set)

    def run(self) -> list[Refusal]:
        draft = self._find(self.kept)
        refusals: list[Refusal] = []
        if draft is None:
            return list(shortage.crowded(self.case))
        if draft is DOUBTFUL:
            return refusals
        for rule in PLACEMENT_RULES:
            draft, refused = self._judge(rule, draft)
            refusals += refused
        return refusals

    def _judge(self, rule: PlacementRule, draft: Draft) -> tuple[Draft, Sequence[Refusal]]:
        """The rule is kept if the draft obeys it already or another can; in doubt it is neither kept nor named."""
        broken = list(rule.violations(self.case, draft))
        if not broken:
            self.kept.add(rule.code)
            return draft, ()
        other = self._find({*self.kept, rule.code})
        if other is DOUBTFUL:
            return draft, ()
        if other is None or any(rule.violations(self.case, other)):
            return draft, broken
        self.kept.add(rule.code)
        return other, ()

    def _find(self, active: Collection[RefusalCode]) -> Draft | Doubtful | None:
        try:
            return seek(self.case, steps_max=DIAGNOSIS_STEPS_MAX, active=active)
        except SearchLimit:
            if self.doubts_left <= 0:
                return DOUBTFUL
        try:
            return prove(self.case, active=active, effort=DIAGNOSIS)
        except SearchLimit:
            self.doubts_left -= 1
            return DOUBTFUL


def distinct(refusals: Iterable[Refusal]) -> Iterator[Refusal]:
    """One a code and field: sixteen nodes of a group that fail alike are one reason. Each ceiling is its own."""
    seen: set[tuple[RefusalCode, str, str]] = set()
    for refusal in refusals:
        key = (refusal.code, refusal.field, refusal.message if refusal.code in CEILINGS else "")
        if key not in seen:
            seen.add(key)
            yield refusal
