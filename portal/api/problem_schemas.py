"""Problem documents in the schema: one shape a code, one answer a status. Pure.

A kind has the members that every problem has, and its own; `code`, `status` and `type` are constants, so that a program
which reads the code knows what else there is.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from portal.api.problems import CONTENT_TYPE, Problem, type_of

Schema = dict[str, Any]
BASE = ("type", "title", "status", "detail", "code", "request_id")
_REFUSED = ("refusals", "proven", "alternatives")
OWN: Mapping[Problem, Sequence[str]] = {
    Problem.INVALID: ("errors",),
    Problem.TOO_LARGE: ("errors",),
    Problem.REFUSED: _REFUSED,
    Problem.POOL_BUSY: _REFUSED,
    Problem.WRONG_STATE: ("state",),
    Problem.STALE: ("version",),
}
"""Members beside BASE; each is there whenever the code is."""


def component_name(problem: Problem) -> str:
    """`WRONG_STATE` → `WrongStateProblem`."""
    return "".join(word.capitalize() for word in problem.name.split("_")) + "Problem"


def shapes_of(base: Mapping[str, Any]) -> dict[str, Schema]:
    """Component → schema, of every kind; `base` describes all members that any of them has."""
    return {component_name(problem): _shape(problem, base["properties"]) for problem in Problem}


def answers() -> dict[str, Schema]:
    """Component → answer, of every kind."""
    return {component_name(problem): _answer([problem]) for problem in Problem}


def responses_of(problems: Iterable[Problem]) -> dict[str, Schema]:
    """Status → the answer of an operation that can fail so."""
    wanted = set(problems)
    ordered = sorted((one for one in Problem if one in wanted), key=lambda problem: problem.value.status)
    by_status = {status: list(same) for status, same in groupby(ordered, key=lambda problem: problem.value.status)}
    return {str(status): _reference("responses", same[0]) if len(same) == 1 else _answer(same)
            for status, same in by_status.items()}  # fmt: skip


def _shape(problem: Problem, members: Mapping[str, Any]) -> Schema:
    names = (*BASE, *OWN.get(problem, ()))
    fixed = {"code": problem.name, "status": problem.value.status, "type": type_of(problem)}
    return {
        "type": "object",
        "description": problem.value.title + ".",
        "properties": {
            name: {**members[name], "const": fixed[name]} if name in fixed else members[name] for name in names
        },
        "required": list(names),
    }


def _answer(problems: Sequence[Problem]) -> Schema:
    meanings = [f"{problem.name}: {problem.value.title}." for problem in problems]
    shapes = [_reference("schemas", problem) for problem in problems]
    schema = shapes[0] if len(shapes) == 1 else {"oneOf": shapes}
    return {"description": " ".join(meanings), "content": {CONTENT_TYPE: {"schema": schema}}}


def _reference(kind: str, problem: Problem) -> Schema:
    return {"$ref": f"#/components/{kind}/{component_name(problem)}"}
