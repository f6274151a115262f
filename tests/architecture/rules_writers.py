"""Things that are written, sent or slept in one place only."""

import ast
from collections.abc import Collection, Iterable

from tests.architecture.tree import Source, calls, dotted, functions, nodes

WRITES = frozenset(
    {
        "add",
        "bulk_create",
        "bulk_update",
        "create",
        "delete",
        "get_or_create",
        "remove",
        "save",
        "set",
        "update",
        "update_or_create",
    }
)
DISPATCH = frozenset({"on_commit", "apply_async", "delay", "send_task"})


def rows_written(sources: Iterable[Source], *, model: str, related: Collection[str] = ()) -> list[str]:
    """Where rows of a model are made, changed or deleted: by its manager, a related manager, or its constructor."""
    return [
        f"{source.path}:{call.lineno} writes {model}"
        for source in sources
        for call in calls(source.tree)
        if _writes(dotted(call.func), model=model, related=related)
    ]


def _writes(names: tuple[str, ...], *, model: str, related: Collection[str]) -> bool:
    if names == (model,):
        return True
    is_write = names[-1:] != () and names[-1].removeprefix("a") in WRITES | {name.removeprefix("a") for name in WRITES}
    reaches = (names[:2] == (model, "objects")) or bool(set(names[1:-1]) & set(related))
    return is_write and reaches


def managers_written(sources: Iterable[Source]) -> list[str]:
    """Where any `….objects` chain ends in a write, or locks rows."""
    locking = WRITES | {"select_for_update"}
    found = {
        (source.path, call.lineno)
        for source in sources
        for call in calls(source.tree)
        if "objects" in (names := dotted(call.func)) and locking & set(names)
    }
    return [f"{path}:{line} writes" for path, line in sorted(found)]


def dispatches(sources: Iterable[Source], *, verbs: Collection[str] = DISPATCH) -> list[str]:
    """Where something is sent to a worker, or put off until after a commit."""
    return [
        f"{source.path}:{call.lineno} calls {names[-1]}"
        for source in sources
        for call in calls(source.tree)
        if len(names := dotted(call.func)) > 1 and names[-1] in verbs
    ]


def sleeps(sources: Iterable[Source]) -> list[str]:
    """Where a thread is put to sleep. Handing `time.sleep` on as an argument is not a call, and is fine."""
    return [
        f"{source.path}:{call.lineno} sleeps"
        for source in sources
        for call in calls(source.tree)
        if dotted(call.func) == ("time", "sleep")
    ] + [
        f"{source.path}:{node.lineno} imports sleep"
        for source in sources
        for node in nodes(source.tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time" and "sleep" in {a.name for a in node.names}
    ]


def positional_functions(sources: Iterable[Source]) -> list[str]:
    """Public functions of a module whose arguments could be mixed up: more than one by position."""
    return [
        f"{source.path}: {function.name} takes arguments by position"
        for source in sources
        for function in source.tree.body
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_")
        if len(function.args.args + function.args.posonlyargs) > 1
    ]


def save_overrides(sources: Iterable[Source]) -> list[str]:
    """`save` and `delete` of a row do what Django says; what follows from a change is a service."""
    return [
        f"{source.path}:{function.lineno} overrides {function.name}"
        for source in sources
        for node in nodes(source.tree)
        if isinstance(node, ast.ClassDef)
        for function in functions(ast.Module(body=node.body, type_ignores=[]))
        if function.name in {"save", "asave"} or (function.name == "delete" and "request" not in _arguments(function))
    ]


def _arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    return {argument.arg for argument in function.args.args}
