"""Small habits: front pages, names, no signals, no notes to oneself, nobody's own folders."""

import ast
import re
from collections.abc import Collection, Iterable

from tests.architecture.tree import Source, nodes

BANNED_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "lib"})
SIGNAL_MODULES = ("django.db.models.signals", "django.dispatch", "django.core.signals", "django.contrib.auth.signals")
NOTE = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
SOMEBODYS_FOLDER = re.compile(r"(?<![\w.])/(?:home|root|work|Users|mnt)/\w")
EMPTY_PACKAGES = ("migrations", "management", "commands", "templatetags")


def without_docstring(sources: Iterable[Source]) -> list[str]:
    """A module says what it is for; a package's `__init__` is its front page, even if there is nothing else in it."""
    return [
        f"{source.path} has no docstring"
        for source in sources
        if ast.get_docstring(source.tree) is None and not _may_be_empty(source)
    ]


def _may_be_empty(source: Source) -> bool:
    """Packages that only Django asks for."""
    is_front_page = source.path.endswith("/__init__.py")
    return is_front_page and not source.tree.body and source.path.split("/")[-2] in EMPTY_PACKAGES


def banned_names(places: Iterable[str], *, banned: Collection[str] = BANNED_NAMES) -> list[str]:
    """Files and folders named after nothing in particular."""
    return [place for place in places if set(place.removesuffix(".py").split("/")) & set(banned)]


SIGNALS_SENT_IN = frozenset({"portal/one_hop.py"})  # takes the place of Django's handler, which tells of each request


def signals(sources: Iterable[Source]) -> list[str]:
    """Our own logic is called by name."""
    return [
        f"{source.path}:{node.lineno} uses signals"
        for source in sources
        for node in nodes(source.tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and _names_signals(node)
        if source.path not in SIGNALS_SENT_IN
    ]


def _names_signals(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    return any(name == module or name.startswith(f"{module}.") for name in names for module in SIGNAL_MODULES)


def lines_with(texts: Iterable[tuple[str, str]], pattern: re.Pattern[str]) -> list[str]:
    """Place and line number of every line that shows the pattern."""
    return [
        f"{place}:{number}"
        for place, text in texts
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
