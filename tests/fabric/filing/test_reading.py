"""A file that a person wrote is read exactly, or refused with its line and what was expected."""

from pathlib import Path

import pytest

from fabric.filing import Fields, FileRefused, Problem, plain, read_document
from fabric.filing.reading import DEPTH_MAX, FILE_BYTES_MAX


def write(folder: Path, text: str) -> Path:
    path = folder / "sample.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> list[tuple[int, str, str, str]]:
    with pytest.raises(FileRefused) as refused:
        read_document(path)
    return [(one.line, one.key, one.expected, one.found) for one in refused.value.problems]


def test_values_are_read_as_they_are_written(tmp_path: Path) -> None:
    path = write(tmp_path, "schema_version: 1\na: {b: [1, -2, 0.5, true, null, text, 2026-11-20, '5']}\n")

    assert plain(read_document(path)) == {
        "schema_version": 1,
        "a": {"b": [1, -2, 0.5, True, None, "text", "2026-11-20", "5"]},
    }


def test_every_value_knows_its_line_and_key(tmp_path: Path) -> None:
    root = Fields(read_document(write(tmp_path, "schema_version: 1\nhosts:\n  - id: a\n  - id: b\n")))

    second = Fields(root.items("hosts")[1]).at("id")

    assert (second.line, second.key, second.value) == (4, "hosts[1].id", "b")


CONTROL = "control characters are not allowed"
SCALAR = "plain text (in quotes if need be), a plain decimal number, true or false"


@pytest.mark.parametrize(
    ("text", "line", "key", "expected", "found"),
    [
        ("schema_version: 2\n", 1, "schema_version", "schema_version 1", "2"),
        ("a: 1\n", 1, "schema_version", "schema_version 1", "nothing"),
        ("schema_version: true\n", 1, "schema_version", "schema_version 1", "True"),
        ("", 1, "", "a mapping of keys", "nothing"),
        ("- 1\n", 1, "", "a mapping of keys", "a list"),
        ("schema_version: 1\na: 1\na: 2\n", 3, "a", "every key once", "'a' again (first on line 2)"),
        ("schema_version: 1\na: {b: 1, b: 2}\n", 2, "a.b", "every key once", "'b' again (first on line 2)"),
        ("schema_version: 1\na: .nan\n", 2, "a", SCALAR, "'.nan'"),
        ("schema_version: 1\na: .inf\n", 2, "a", SCALAR, "'.inf'"),
        ("schema_version: 1\na: no\n", 2, "a", SCALAR, "'no'"),
        ("schema_version: 1\na: 010\n", 2, "a", SCALAR, "'010'"),
        ("schema_version: 1\na: 1:30\n", 2, "a", SCALAR, "'1:30'"),
        ("schema_version: 1\na: 0x1f\n", 2, "a", SCALAR, "'0x1f'"),
        (f"schema_version: 1\na: {'9' * 19}\n", 2, "a", SCALAR, f"'{'9' * 19}'"),
        ("schema_version: 1\na: !!python/object:os.system x\n", 2, "a", SCALAR, "'x'"),
        ("schema_version: 1\na: !!set {b}\n", 2, "a", "a plain mapping or list", "the tag tag:yaml.org,2002:set"),
        ("schema_version: 1\na: &x [1]\nb: *x\n", 3, "*x", "the value itself", "an alias"),
        ("schema_version: 1\n<<: {a: 1}\n", 2, "<<", "a plain key", "'<<'"),
        ("schema_version: 1\n? [a]\n: 1\n", 2, "", "a plain key", "''"),
        ("schema_version: 1\n---\na: 1\n", 2, "", "one document", "a second one"),
        ("schema_version: 1\na: [1\n", 3, "", "valid YAML", "did not find expected ',' or ']'"),
        ("schema_version: 1\na: '\x01'\n", 2, "", "valid YAML", f"unacceptable character #x0001: {CONTROL}"),
    ],
)
def test_what_is_ambiguous_or_dangerous_is_refused(
    tmp_path: Path, text: str, line: int, key: str, expected: str, found: str
) -> None:
    assert problems(write(tmp_path, text)) == [(line, key, expected, found)]


def test_a_billion_laughs_are_refused_before_anything_is_built(tmp_path: Path) -> None:
    layers = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))

    assert problems(write(tmp_path, f"schema_version: 1\na0: &a0 [x]\n{layers}\n")) == [
        (3, "*a0", "the value itself", "an alias")
    ]


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    deep = "[" * 5_000 + "]" * 5_000

    assert problems(write(tmp_path, f"schema_version: 1\na: {deep}\n")) == [
        (2, "", f"at most {DEPTH_MAX} levels of nesting", "more")
    ]


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = write(tmp_path, "#" * (FILE_BYTES_MAX + 1))

    assert problems(path) == [(1, "", f"at most {FILE_BYTES_MAX} bytes", "more")]


def test_a_file_that_is_not_text_is_refused_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "sample.yaml"
    path.write_bytes(b"schema_version: 1\nname: M\xfcller\n")

    assert problems(path) == [(2, "", "UTF-8 text", "byte 0xfc")]


@pytest.mark.parametrize(("name", "found"), [("absent.yaml", "No such file or directory"), (".", "Is a directory")])
def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path, name: str, found: str) -> None:
    assert problems(tmp_path / name) == [(1, "", "a file that can be read", found)]


def test_a_problem_reads_as_a_sentence_of_file_line_key_and_expectation() -> None:
    problem = Problem("pools/lab.yaml", 12, "hosts[0].unit", "a whole number from 1 to 41", "'top'")

    assert str(problem) == "pools/lab.yaml:12: hosts[0].unit: expected a whole number from 1 to 41, found 'top'"


def test_many_problems_are_shown_up_to_a_limit_in_the_order_of_the_file() -> None:
    refused = FileRefused(Problem("f", line, "k", "x") for line in range(25, 0, -1))

    lines = str(refused).splitlines()

    assert (lines[0], lines[-1], len(lines)) == ("f:1: k: expected x", "… and 5 more", 21)
