"""What the documents say, as far as it can be looked up: links, words, files, commands, variables, dependencies."""

import re
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
WORD = re.compile(r"`([A-Za-z_.]+)`")
FILE = re.compile(r"`((?:fabric|scheduler|portal|tests|templates|static|docs|deploy|requirements)/[\w./-]*)`")
COMMAND = re.compile(r"manage\.py ([a-z_]+)")
VARIABLE = re.compile(r"\b(HEDDLE_[A-Z_]+|[A-Z]+_URL)\b")
CLASS = re.compile(r"^class (\w+)", re.MULTILINE)
ANY_WORD = re.compile(r"\w+")
REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9_.-]*)", re.MULTILINE)
ROW = re.compile(r"^\| ([a-z0-9-]+) \|", re.MULTILINE)
Text = tuple[str, str]  # place and text


def dead_links(texts: Iterable[Text], *, checkout: Path) -> list[str]:
    return [
        f"{place} → {target}"
        for place, text in texts
        for target in LINK.findall(text)
        if "://" not in target and not (checkout / PurePosixPath(place).parent / target).exists()
    ]


def missing_files(texts: Iterable[Text], *, checkout: Path) -> list[str]:
    """Files and folders of ours that a document names in back-ticks."""
    return [
        f"{place} names {name}"
        for place, text in texts
        for name in FILE.findall(text)
        if not (checkout / name).exists()
    ]


def unknown_words(glossary: str, *, code: str) -> list[str]:
    """Names in the second column that the code does not have; `Pool` must be a class, `Pool.generation` both words."""
    classes, words = set(CLASS.findall(code)), set(ANY_WORD.findall(code))
    rows = [line.split("|") for line in glossary.splitlines() if line.startswith("| ") and "---" not in line]
    named = [name for row in rows[1:] if len(row) > 3 for name in WORD.findall(row[2])]
    return sorted({name for name in named if not all(_is_defined(part, classes, words) for part in name.split("."))})


def _is_defined(name: str, classes: Collection[str], words: Collection[str]) -> bool:
    return name in (classes if name[0].isupper() and not name.isupper() else words)


def unknown_commands(texts: Iterable[Text], *, known: Collection[str]) -> list[str]:
    return [f"{place}: {name}" for place, text in texts for name in COMMAND.findall(text) if name not in known]


def unknown_variables(texts: Iterable[Text], *, code: str) -> list[str]:
    return [f"{place}: {name}" for place, text in texts for name in VARIABLE.findall(text) if name not in code]


def argued_and_asked(reasons: str, requirements: Iterable[str]) -> tuple[set[str], set[str]]:
    """Packages with a reason, and packages that the `.in` files ask for; the two must be the same."""
    asked = {name.lower() for text in requirements for name in REQUIREMENT.findall(text)}
    return set(ROW.findall(reasons)), asked
