"""States are data: compared as enum members, complete in every table, each with its comment."""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum

from tests.architecture.tree import Source, calls, dotted, nodes

QUERY_VERBS = frozenset({"filter", "exclude", "get", "create", "update", "get_or_create", "update_or_create", "Q"})


def compared_with_words(sources: Iterable[Source]) -> list[str]:
    """`reservation.state == "active"`, `state in ("held", …)`, `filter(state="held")`: the enum says it once."""
    return [
        f"{source.path}:{line} compares a state with a word"
        for source in sources
        for line in sorted({*_comparisons(source.tree), *_queries(source.tree), *_matches(source.tree)})
    ]


def _comparisons(tree: ast.AST) -> Iterator[int]:
    for node in nodes(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(_names_a_state(side) for side in sides) and any(_is_a_word(side) for side in sides):
                yield node.lineno


def _queries(tree: ast.AST) -> Iterator[int]:
    for call in calls(tree):
        if dotted(call.func)[-1:] and dotted(call.func)[-1] in QUERY_VERBS:
            yield from (
                call.lineno
                for keyword in call.keywords
                if keyword.arg and keyword.arg.split("__in")[0].split("__")[-1] == "state" and _is_a_word(keyword.value)
            )


def _matches(tree: ast.AST) -> Iterator[int]:
    for node in nodes(tree):
        if isinstance(node, ast.Match) and _names_a_state(node.subject):
            words = (at for case in node.cases for at in ast.walk(case.pattern) if isinstance(at, ast.MatchValue))
            yield from (word.value.lineno for word in words if _is_a_word(word.value))


def _names_a_state(node: ast.AST) -> bool:
    name = dotted(node)[-1:] or ("",)
    return name[0] == "state" or name[0].endswith("_state")


def _is_a_word(node: ast.AST) -> bool:
    if isinstance(node, ast.Set | ast.Tuple | ast.List):
        return any(_is_a_word(item) for item in node.elts)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != ""


def members_without_comment(source: Source, names: Collection[str]) -> list[str]:
    """What each state means stands on its line."""
    lines = source.text.splitlines()
    return [
        f"{source.path}: {node.name}.{member.targets[0].id} has no comment"
        for node in nodes(source.tree)
        if isinstance(node, ast.ClassDef) and node.name in names
        for member in node.body
        if isinstance(member, ast.Assign) and isinstance(member.targets[0], ast.Name)
        if "#" not in lines[member.lineno - 1]
    ]


def gaps(table: Mapping[StrEnum, frozenset[StrEnum]], *, start: StrEnum | None) -> list[str]:
    """States that the table of moves does not list, or that no path from the start (None: any state) reaches."""
    kind = type(next(iter(table)))
    missing = [f"{state} has no entry" for state in kind if state not in table]
    strangers = [f"{state} is no {kind.__name__}" for moves in table.values() for state in moves if state not in kind]
    entered = {state for moves in table.values() for state in moves}
    lonely = [f"no move leads to {state}" for state in kind if start is not None and state not in entered | {start}]
    return missing + strangers + lonely
