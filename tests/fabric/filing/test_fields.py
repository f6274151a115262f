"""Getters take exactly what they name; keys nobody asked for are mistakes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fabric.filing import Fields, FileRefused, read_document


def fields_of(folder: Path, text: str) -> Fields:
    path = folder / "sample.yaml"
    path.write_text(f"schema_version: 1\n{text}\n", encoding="utf-8")
    fields = Fields(read_document(path))
    fields.integer("schema_version")
    return fields


@pytest.mark.parametrize(
    ("text", "take", "expected"),
    [
        ("a: -1", lambda f: f.integer("a"), "a whole number from 0 to 2000000000"),
        ("a: 1.0", lambda f: f.integer("a"), "a whole number from 0 to 2000000000"),
        ("a: true", lambda f: f.integer("a"), "a whole number from 0 to 2000000000"),
        ("a: 2000000001", lambda f: f.integer("a"), "a whole number from 0 to 2000000000"),
        ("b: 1", lambda f: f.integer("a"), "a whole number from 0 to 2000000000"),
        ("a: 1.5", lambda f: f.number("a", most=1), "a number from 0 to 1"),
        ("a: false", lambda f: f.number("a"), "a number from 0 to 2000000000"),
        ("a: ''", lambda f: f.text("a"), "a text of 1 to 200 characters"),
        ("a: 5", lambda f: f.text("a"), "a text of 1 to 200 characters"),
        ("a: null", lambda f: f.text("a", default="x"), "a text of 1 to 200 characters"),
        (f"a: {'x' * 201}", lambda f: f.text("a"), "a text of 1 to 200 characters"),
        ("a: yellow", lambda f: f.choice("a", {"red", "blue"}), "one of blue, red"),
        ("a: [red]", lambda f: f.choice("a", {"red", "blue"}), "one of blue, red"),
        ("a: 1", lambda f: f.truth("a"), "true or false"),
        ("a: {}", lambda f: f.items("a"), "a list of 0 to 20000 values"),
        ("a: [1]", lambda f: f.nested("a"), "a mapping of keys"),
    ],
)
def test_a_wrong_value_is_refused_with_what_was_expected(
    tmp_path: Path, text: str, take: Callable[[Fields], object], expected: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        take(fields_of(tmp_path, text))

    assert [(one.key, one.expected) for one in refused.value.problems] == [("a", expected)]


@pytest.mark.parametrize("code", ["Rack", "-a", "a-", "a b", "a/b", "ü", "a" * 49, "<b>"])
def test_an_identifier_is_short_and_plain(tmp_path: Path, code: str) -> None:
    with pytest.raises(FileRefused):
        fields_of(tmp_path, f"a: '{code}'").code("a")


def test_unknown_keys_are_refused_together(tmp_path: Path) -> None:
    fields = fields_of(tmp_path, "a: 1\nbb: 2\ncc: 3")
    fields.integer("a")

    with pytest.raises(FileRefused) as refused:
        fields.close()

    assert [(one.line, one.key, one.expected, one.found) for one in refused.value.problems] == [
        (3, "bb", "one of a, schema_version", "an unknown key"),
        (4, "cc", "one of a, schema_version", "an unknown key"),
    ]


def test_the_problems_of_all_items_of_a_list_are_told_at_once(tmp_path: Path) -> None:
    fields = fields_of(tmp_path, "a:\n  - {n: 1}\n  - {n: x}\n  - {n: 3, m: 4}")

    with pytest.raises(FileRefused) as refused:
        fields.each("a", lambda one: one.integer("n"))

    assert [(one.line, one.key) for one in refused.value.problems] == [(4, "a[1].n"), (5, "a[2].m")]
