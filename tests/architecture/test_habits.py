"""Front pages, honest names, no signals, nothing left for later, nothing of one machine."""

import pytest

from tests.architecture import rules_habits as rules
from tests.architecture.tree import ROOMS, source, sources, texts

MODULES = tuple(f"{room}/**/*.py" for room in (*ROOMS, "client", "tests"))
WRITTEN = (
    "*.md",
    "*.py",
    "*.toml",
    ".ci/*",
    ".pre-commit-config.yaml",
    "deploy/**/*",
    "docs/**/*.md",
    "requirements/*.in",
    "static/**/*.css",
    "static/**/*.js",
    "templates/**/*.html",
    *MODULES,
    *(f"{room}/**/*.yaml" for room in ROOMS),
)


def test_every_module_says_what_it_is_for() -> None:
    assert rules.without_docstring(sources(*ROOMS, "client")) == []


def test_nothing_is_named_after_nothing() -> None:
    assert rules.banned_names(place for place, _ in texts(*MODULES)) == []


def test_our_own_logic_uses_no_signals() -> None:
    assert rules.signals(sources(*ROOMS)) == []


def test_nothing_is_left_for_later() -> None:
    assert rules.lines_with(texts(*WRITTEN), rules.NOTE) == []


def test_nothing_names_a_folder_of_one_machine() -> None:
    assert rules.lines_with(texts(*WRITTEN), rules.SOMEBODYS_FOLDER) == []


def test_a_module_without_docstring_is_found() -> None:
    bare = source("x = 1", path="scheduler/bare.py")
    empty_package = source("", path="scheduler/new/__init__.py")
    for_django = source("", path="scheduler/management/__init__.py")

    assert rules.without_docstring([bare, empty_package, for_django]) == [
        "scheduler/bare.py has no docstring",
        "scheduler/new/__init__.py has no docstring",
    ]


@pytest.mark.parametrize("place", ["fabric/utils.py", "portal/common/__init__.py", "scheduler/manager.py"])
def test_an_empty_name_is_found(place: str) -> None:
    assert rules.banned_names([place, "fabric/models/pool.py"]) == [place]


@pytest.mark.parametrize(
    "text",
    [
        "from django.db.models.signals import post_save",
        "from django.dispatch import receiver",
        "import django.dispatch",
    ],
)
def test_a_signal_is_found(text: str) -> None:
    assert rules.signals([source(text)]) == ["scheduler/sample.py:1 uses signals"]


def test_a_note_to_oneself_is_found() -> None:
    note = "# " + "TO" + "DO later"

    assert rules.lines_with([("a.py", f"x = 1\n{note}\n")], rules.NOTE) == ["a.py:2"]


@pytest.mark.parametrize("folder", ["/home/" + "ann/heddle", 'open("/root/' + 'x")'])
def test_a_folder_of_one_machine_is_found(folder: str) -> None:
    assert rules.lines_with([("a.py", folder)], rules.SOMEBODYS_FOLDER) == ["a.py:1"]
