"""What is wrong with a file, as values; all of it at once where the rest can still be read."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

PROBLEMS_SHOWN_MAX = 20

Item = TypeVar("Item")
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Problem:
    """`key` is the path inside the file (`prus[0].accelerators[1].slots`), `line` counts from 1."""

    file: str
    line: int
    key: str
    expected: str
    found: str = ""

    def __str__(self) -> str:
        found = f", found {self.found}" if self.found else ""
        return f"{self.file}:{self.line}: {self.key or 'the file'}: expected {self.expected}{found}"


class FileRefused(Exception):
    """The file cannot be loaded; the message lists the problems, one a line, in the file's order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        shown = [str(problem) for problem in self.problems[:PROBLEMS_SHOWN_MAX]]
        if more := len(self.problems) - len(shown):
            shown.append(f"… and {more} more")
        super().__init__("\n".join(shown))


@contextmanager
def gathering(problems: list[Problem]) -> Iterator[None]:
    """Keep what is refused inside for later, so that the next part is looked at as well."""
    try:
        yield
    except FileRefused as refused:
        problems.extend(refused.problems)


def each(items: Iterable[Item], read: Callable[[Item], Read]) -> list[Read]:
    """`read` of every item. Raises FileRefused with the problems of all of them together."""
    problems: list[Problem] = []
    done: list[Read] = []
    for item in items:
        with gathering(problems):
            done.append(read(item))
    if problems:
        raise FileRefused(problems)
    return done
