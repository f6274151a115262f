"""Who may know whom: the direction between the rooms, and what a pure room may import."""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping

from tests.architecture.tree import Source, nodes

EXECUTOR = (
    "acting",
    "books",
    "changing",
    "draining",
    "errand",
    "exchanging",
    "freezing",
    "intent",
    "making",
    "patience",
    "plan",
    "queueing",
    "readback",
    "reporting",
    "resizing",
    "results",
    "rounds",
    "run",
    "steps",
    "unmaking",
)
"""What wires a node and takes it apart; `ledger` and `nodes` join it to the database."""

RECONCILER = ("differences", "repairs", "mending")
"""What it decides, and how a repair is carried out: also run by the simulation, on rows in memory."""

PURE_FRIENDS: Mapping[str, frozenset[str]] = {
    "fabric/states.py": frozenset(),
    "fabric/topology.py": frozenset({"fabric.states"}),
    "fabric/drivers/base.py": frozenset(),
    **dict.fromkeys(
        (f"fabric/composing/{module}.py" for module in EXECUTOR),
        frozenset({"fabric.drivers.base", "fabric.states"} | {f"fabric.composing.{module}" for module in EXECUTOR}),
    ),
    **dict.fromkeys(
        (f"fabric/composing/{module}.py" for module in RECONCILER),
        frozenset({"fabric.drivers.base", "fabric.states"} | {f"fabric.composing.{module}" for module in RECONCILER}),
    ),
    "scheduler/states.py": frozenset(),
    "scheduler/limits.py": frozenset(),
    "scheduler/requests.py": frozenset({"scheduler.states"}),
    "scheduler/refusals.py": frozenset(),
    "scheduler/settling.py": frozenset(
        {"fabric.composing.results", "scheduler.limits", "scheduler.requests", "scheduler.states"}
    ),
    "scheduler/mix_writing.py": frozenset({"scheduler.requests"}),
    "scheduler/notice_topics.py": frozenset({"scheduler.journal_kinds"}),
    "scheduler/post/times.py": frozenset({"scheduler.notice_topics"}),
    "scheduler/post/schedule.py": frozenset(),
    "scheduler/post/words.py": frozenset(),
    "scheduler/telemetry_parsing.py": frozenset({"scheduler.limits", "scheduler.reading", "scheduler.refusals"}),
    "scheduler/selectors/": frozenset({"fabric.topology", "scheduler.limits", "scheduler.selectors"}),
    "scheduler/planning/": frozenset(
        {
            "fabric.states",
            "fabric.topology",
            "scheduler.limits",
            "scheduler.mix_writing",
            "scheduler.planning",
            "scheduler.refusals",
            "scheduler.requests",
            "scheduler.selectors",
            "scheduler.states",
        }
    ),
}
"""Each pure room, and the rooms of ours it may import beside the standard library."""

EXCEPTIONS: Mapping[str, frozenset[str]] = {
    "scheduler/planning/exact_solver.py": frozenset({"ortools", "threading"}),
    "scheduler/planning/recurrence_rule.py": frozenset({"dateutil"}),
}
"""Single modules of pure rooms and what else they may import: the solver and the reader of recurrence rules, whose
answers depend on their input alone."""

IMPURE_MODULES = frozenset(
    {
        "asyncio",
        "http",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "random",
        "secrets",
        "shutil",
        "socket",
        "sqlite3",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "uuid",
    }
)
"""Standard library that reaches a clock, chance, a file or the network."""

CLOCKS = frozenset(
    {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("timezone", "now"), ("time", "time")}
)
BACKWARDS = {"fabric": frozenset({"scheduler", "portal"}), "scheduler": frozenset({"portal"}), "portal": frozenset()}


def imported(source: Source) -> Iterator[str]:
    """Every module it names, also inside a function; relative imports as absolute ones."""
    package = source.path.removesuffix(".py").removesuffix("/__init__").split("/")
    for node in nodes(source.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield ".".join([*package[: -node.level], node.module or ""]).rstrip(".")
        elif isinstance(node, ast.ImportFrom):
            yield from _with_members(node)


def _with_members(node: ast.ImportFrom) -> Iterator[str]:
    """`from scheduler import limits` names scheduler.limits, so ours are given with the member they are asked for."""
    module = node.module or ""
    if module.split(".")[0] in BACKWARDS:
        yield from (f"{module}.{alias.name}" for alias in node.names)
    else:
        yield module


def against_the_direction(sources: Iterable[Source]) -> list[str]:
    """portal → scheduler → fabric, and never back, not even inside a function."""
    return [
        f"{source.path} imports {name}"
        for source in sources
        for name in imported(source)
        if name.split(".")[0] in BACKWARDS.get(source.path.split("/")[0], frozenset())
    ]


def impure(sources: Iterable[Source], *, friends: Mapping[str, frozenset[str]] = PURE_FRIENDS) -> list[str]:
    """What a pure room imports beyond the pure standard library and its friends."""
    return [
        f"{source.path} imports {name}"
        for source in sources
        for place, allowed in friends.items()
        if source.within(place)
        for name in imported(source)
        if not _is_pure(name, allowed=allowed) and name.split(".")[0] not in EXCEPTIONS.get(source.path, frozenset())
    ]


def _is_pure(name: str, *, allowed: frozenset[str]) -> bool:
    top = name.split(".")[0]
    if any(name == friend or name.startswith(f"{friend}.") for friend in allowed):
        return True
    return top in sys.stdlib_module_names and top not in IMPURE_MODULES


def read_a_clock(sources: Iterable[Source]) -> list[str]:
    """Only doors, tasks, the ticker and commands ask what time it is; everybody else is told."""
    return [
        f"{source.path}:{node.lineno} asks what time it is"
        for source in sources
        for node in nodes(source.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in CLOCKS
    ]
