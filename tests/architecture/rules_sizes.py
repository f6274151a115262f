"""How long a file, a function and a template may be."""

from collections.abc import Iterable

from tests.architecture.tree import Source, functions

FILE_LINES_MAX = 350
FUNCTION_LINES_MAX = 60
TEMPLATE_LINES_MAX = 150


def long_texts(texts: Iterable[tuple[str, str]], *, lines_max: int) -> list[str]:
    counted = [(place, len(text.splitlines())) for place, text in texts]
    return [f"{place} has {lines} lines, {lines_max} are allowed" for place, lines in counted if lines > lines_max]


def long_functions(sources: Iterable[Source]) -> list[str]:
    """A function's lines, from `def` to its last one; decorators are not counted."""
    return [
        f"{source.path}: {function.name} has {lines} lines, {FUNCTION_LINES_MAX} are allowed"
        for source in sources
        for function in functions(source.tree)
        if (lines := (function.end_lineno or function.lineno) - function.lineno + 1) > FUNCTION_LINES_MAX
    ]
