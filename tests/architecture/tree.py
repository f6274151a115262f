"""The project's sources, read once: Python modules with their syntax trees, templates, and other text."""

import ast
import gc
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
ROOMS = ("fabric", "scheduler", "portal")
NOT_OURS = frozenset({".git", ".venv", ".data", "__pycache__", "vendor", "node_modules", "staticfiles", "htmlcov"})


@dataclass(frozen=True)
class Source:
    """One Python file: its place in the checkout, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    def within(self, *places: str) -> bool:
        """Whether it is one of the named files, or lies in one of the named folders (which end with a slash)."""
        return any(self.path == place or (place.endswith("/") and self.path.startswith(place)) for place in places)


def source(text: str, *, path: str = "scheduler/sample.py") -> Source:
    """A source that is in no file: what a checker is tried on."""
    return Source(path, text, ast.parse(text))


@cache
def sources(*rooms: str) -> tuple[Source, ...]:
    """The modules of the rooms in order of their path, without migrations."""
    found = [path for room in rooms for path in (CHECKOUT / room).rglob("*.py")]
    ours = sorted(path for path in found if _is_ours(path) and "migrations" not in path.parts)
    read = tuple(_read(path) for path in ours)
    gc.freeze()  # a million objects that stay: nobody need look at them again
    return read


@cache
def _read(path: Path) -> Source:
    return source(path.read_text(encoding="utf-8"), path=_place(path))


@cache
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """All of a tree: a dozen rules look at the same ones."""
    return tuple(ast.walk(tree))


@cache
def texts(*patterns: str) -> tuple[tuple[str, str], ...]:
    """Place and text of every file of ours that matches one of the glob patterns, without generated migrations."""
    found = {path for pattern in patterns for path in CHECKOUT.glob(pattern) if path.is_file() and _is_ours(path)}
    written = sorted(path for path in found if "migrations" not in path.parts)
    return tuple((_place(path), path.read_text(encoding="utf-8")) for path in written)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Of a tree's statements; expressions hold none."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        for inner in getattr(tree, name, ()):
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                yield inner
            yield from functions(inner)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in nodes(tree):
        if isinstance(node, ast.Call):
            yield node


def dotted(node: ast.AST) -> tuple[str, ...]:
    """`a.b(…).c[…].d` as (a, b, c, d): the names a chain goes through; what has no name is left out."""
    names: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            break
    if isinstance(node, ast.Name):
        names.append(node.id)
    return tuple(reversed(names))


def _is_ours(path: Path) -> bool:
    return not NOT_OURS & set(path.relative_to(CHECKOUT).parts)


def _place(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()
