"""CP-SAT behind one function: a program and a cost in, values out. The only module that knows OR-Tools.

It speaks to the solver through its thin binding; the comfortable one brings pandas and a second of import time.
One search at a time in a process: a second would only make both slower. One worker, a fixed seed and a limit counted in
the solver's own steps give the same answer on every machine; the limit in seconds is there for machines that are too
slow for that, and what it cuts short is not an answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from types import ModuleType

from scheduler.planning.exact_program import Program, Row
from scheduler.planning.rules.model import Sum
from scheduler.planning.search import SearchLimit

_ONE_AT_A_TIME = Lock()
_INFINITE = 2**62  # CP-SAT's numbers are of 64 bits


@dataclass(frozen=True, slots=True)
class Effort:
    """How much one search may take: the solver's own units of work, and seconds on the wall."""

    work: float
    seconds: float


def find(program: Program, *, effort: Effort) -> Sequence[int] | None:
    """Values that obey every row, or None if there provably are none; raises `SearchLimit` in doubt."""
    return _solve(program, effort=effort, cost=None, start=None)


def improve(program: Program, *, cost: Sum, start: Sequence[int], effort: Effort) -> Sequence[int]:
    """From values that obey every row to cheaper ones: the cheapest, if the effort suffices."""
    try:
        return _solve(program, effort=effort, cost=cost, start=start) or start
    except SearchLimit:
        return start


def minimise(program: Program, *, cost: Sum, effort: Effort) -> Sequence[int] | None:
    """The cheapest values, or as cheap as was found; None if there provably are none; raises `SearchLimit`."""
    return _solve(program, effort=effort, cost=cost, start=None)


@cache
def _ortools() -> ModuleType:
    """Only where it is needed, for it is large."""
    from ortools.sat.python import cp_model_helper

    return cp_model_helper


def _solve(program: Program, *, effort: Effort, cost: Sum | None, start: Sequence[int] | None) -> Sequence[int] | None:
    cp = _ortools()
    proto = cp.CpModelProto()
    for high in program.highs:
        proto.variables.add().domain.extend((0, high))
    for row in program.rows:
        _write(proto.constraints.add(), row)
    if cost is not None:
        proto.objective.vars.extend(list(cost.terms))
        proto.objective.coeffs.extend(list(cost.terms.values()))
    if start is not None:
        proto.solution_hint.vars.extend(range(len(start)))
        proto.solution_hint.values.extend(list(start))
    with _ONE_AT_A_TIME:
        wrapper = cp.SolveWrapper()
        wrapper.set_parameters(_parameters(effort, stop_at_first=cost is None))
        answer = wrapper.solve(proto)
    if answer.status in (cp.CpSolverStatus.OPTIMAL, cp.CpSolverStatus.FEASIBLE):
        return list(answer.solution)
    if answer.status == cp.CpSolverStatus.INFEASIBLE:
        return None
    if answer.status == cp.CpSolverStatus.MODEL_INVALID:
        raise ValueError("the solver does not understand the program")
    raise SearchLimit


def _parameters(effort: Effort, *, stop_at_first: bool) -> object:
    parameters = _ortools().SatParameters()
    parameters.num_workers = 1
    parameters.random_seed = 1
    parameters.max_deterministic_time = effort.work
    parameters.max_time_in_seconds = effort.seconds
    parameters.stop_after_first_solution = stop_at_first
    parameters.cp_model_probing_level = 0  # with ten thousand devices these two cost more than the search
    parameters.symmetry_level = 0
    return parameters


def _write(constraint: object, row: Row) -> None:
    linear = constraint.linear  # type: ignore[attr-defined]  # made in C++, has no types
    linear.vars.extend(list(row.terms))
    linear.coeffs.extend(list(row.terms.values()))
    linear.domain.extend((-_INFINITE if row.low is None else row.low, _INFINITE if row.high is None else row.high))
    if row.only_if:
        constraint.enforcement_literal.extend(list(row.only_if))  # type: ignore[attr-defined]
