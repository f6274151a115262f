"""One try at one request in one window: its plan, or every reason why not. Pure.

Greedy first, for every way to read the mix in its order of preference; what greedy leaves in doubt is asked of the
exact search, so that what is refused has no placement, or says that it was not proven.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from scheduler.limits import DIAGNOSIS_DOUBTS_MAX, SEARCH_STEPS_MAX
from scheduler.planning import certificate
from scheduler.planning.case import Case, Draft, Wish
from scheduler.planning.choices import Choice, choices, open_wishes, unmatched, variants
from scheduler.planning.diagnosis import UNPROVEN, distinct, find, placement_refusals, prove, seek
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.rules import hosts_alone, shortage
from scheduler.planning.rules.base import RequestRule
from scheduler.planning.rules.registry import ADMISSION_RULES, DEVICE_RULES
from scheduler.planning.search import SearchLimit
from scheduler.planning.turnarounds import padded
from scheduler.refusals import Refusal
from scheduler.requests import ReservationRequest


def attempt(*, request: ReservationRequest, index: PoolIndex) -> Plan | Sequence[Refusal]:
    """`decide` without the alternatives. Of several choices, the reasons are those of the one preferred.

    They are a proof only if every choice was refuted; else one of them says so.
    """
    reasons: list[Refusal] = []
    is_proven = True
    for choice in choices(request.mix, index.topology):
        reading = _Reading(request, index, choice)
        plan = reading.plan()
        if plan is not None:
            return plan
        reasons = reasons or list(reading.reasons())
        is_proven = is_proven and reading.is_proven
    return tuple(distinct(reasons if is_proven else [*reasons, UNPROVEN]))


def plan_or_none(*, request: ReservationRequest, index: PoolIndex, steps_max: int = SEARCH_STEPS_MAX) -> Plan | None:
    """Whether it fits, without asking why not: what alternatives are tried with. Raises `SearchLimit` in doubt."""
    is_doubtful = False
    for choice in choices(request.mix, index.topology):
        reading = _Reading(request, index, choice, steps_max=steps_max)
        plan = reading.quick_plan()
        if plan is not None:
            return plan
        is_doubtful = is_doubtful or reading.is_doubtful
    if is_doubtful:
        raise SearchLimit
    return None


def plan_or_proof(*, request: ReservationRequest, index: PoolIndex) -> Plan | None:
    """The same with the exact search behind it: None is a proof. Raises `SearchLimit` where even that ran out."""
    is_proven = True
    for choice in choices(request.mix, index.topology):
        reading = _Reading(request, index, choice)
        plan = reading.plan()
        if plan is not None:
            return plan
        is_proven = is_proven and reading.is_proven
    if not is_proven:
        raise SearchLimit
    return None


def case_of(*, request: ReservationRequest, index: PoolIndex) -> Case:
    """The case of the first reading of the mix; without wishes where a selector matches nothing."""
    choice = next(iter(choices(request.mix, index.topology)))
    wishes = next(iter(variants(choice, index.topology)), ())
    return _case(request, index, wishes)


def _case(request: ReservationRequest, index: PoolIndex, wishes: Sequence[Wish]) -> Case:
    busy = padded(request=request, index=index)
    return Case(
        wishes=wishes,
        window=request.window,
        project=request.project,
        index=index,
        busy=busy,
        priority=request.priority,
    )


@dataclass
class _Tried:
    """One variant: what policy and the counts say against it, and whether greedy could tell."""

    case: Case
    policy: Sequence[Refusal]
    devices: Sequence[Refusal]
    is_doubtful: bool = False

    def seek(self, steps_max: int) -> Draft | None:
        try:
            return seek(self.case, steps_max=steps_max)
        except SearchLimit:
            self.is_doubtful = True
            return None

    def reasons(self, *, is_proven: bool) -> list[Refusal]:
        """Where blocks are short already, only what no host could bear is still certain."""
        if self.devices:
            return [*self.policy, *self.devices, *hosts_alone.refusals(self.case)]
        if self.policy and self._has_place():
            return [*self.policy]
        doubts_max = DIAGNOSIS_DOUBTS_MAX if is_proven else 0
        return [*self.policy, *placement_refusals(self.case, doubts_max=doubts_max)]

    def _has_place(self) -> bool:
        try:
            return find(self.case) is not None
        except SearchLimit:
            return False


@dataclass
class _Reading:
    """One choice among the alternatives of its lines, and the variants of its selectors."""

    request: ReservationRequest
    index: PoolIndex
    choice: Choice
    steps_max: int = SEARCH_STEPS_MAX
    tried: list[_Tried] = field(default_factory=list)
    is_proven: bool = True  # that there is no plan, once there is none
    over: Sequence[Refusal] = ()  # against a placement of mixed classes: what of it its project may not have

    @property
    def is_doubtful(self) -> bool:
        return any(one.is_doubtful for one in self.tried) or (self.choice.has_selectors and bool(self.tried))

    def plan(self) -> Plan | None:
        plan = self.quick_plan()
        return plan if plan is not None else self._exact_plan()

    def quick_plan(self) -> Plan | None:
        for wishes in variants(self.choice, self.index.topology):
            case = self._case(wishes)
            one = _Tried(case, policy=_refusals(ADMISSION_RULES, case), devices=_refusals(DEVICE_RULES, case))
            self.tried.append(one)
            draft = one.seek(self.steps_max) if not (one.policy or one.devices) else None
            if draft is not None:
                return certificate.plan_of(case, draft)
        return None

    def reasons(self) -> Sequence[Refusal]:
        """Called when there is no plan; never empty."""
        if self.over:
            return self.over
        missing = tuple(unmatched(self.choice, self.index.topology, self.index.snapshot.catalogue_only))
        if missing:
            return missing
        short = tuple(shortage.refusals(self._open_case())) if self.choice.has_selectors else ()
        if short:
            return (*self.tried[0].policy, *short)
        return min(self.tried, key=lambda one: bool(one.devices)).reasons(is_proven=self.is_proven)

    def _exact_plan(self) -> Plan | None:
        if self.tried and all(one.policy for one in self.tried):
            return None
        for case in self._cases_in_doubt():
            try:
                draft = prove(case)
            except SearchLimit:
                self.is_proven = False
                continue
            if draft is None:
                continue
            found = _refusals(ADMISSION_RULES, case.asking([placed.wish for placed in draft]))
            if not found:
                return certificate.plan_of(case, draft)
            self.over = self.over or found
        return None

    def _cases_in_doubt(self) -> Iterator[Case]:
        """Mixed classes too, where a selector allows them; but slices are never mixed, so each variant is looked at."""
        if self.choice.has_selectors and self.tried:
            case = self._open_case()
            if not case.wishes or any(shortage.refusals(case)):
                return  # a selector matches nothing, or not enough
            yield case
            if not any(ask.slices for wish in case.wishes for ask in wish.asks):
                return
        yield from (one.case for one in self.tried if one.is_doubtful)

    def _open_case(self) -> Case:
        return self._case(open_wishes(self.choice, self.index.topology))

    def _case(self, wishes: Sequence[Wish]) -> Case:
        if self.tried:
            return self.tried[0].case.asking(wishes)
        return _case(self.request, self.index, wishes)


def _refusals(rules: Sequence[RequestRule], case: Case) -> Sequence[Refusal]:
    return [refusal for rule in rules for refusal in rule(case)]
