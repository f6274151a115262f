"""What is read from the validators' reports: nothing may fail, known failures only shrink, not looking is no pass."""

from collections import Counter
from pathlib import Path

import pytest

from portal.runtime import paths, validating
from portal.runtime.validating import (
    COUNTS,
    parsed_known,
    schema_folder,
    verdict_of_protocol,
    verdict_of_schemas,
)

TABLE = """
+--------------+--------------+--------------+--------------+
|     PASS     |     WARN     |     FAIL     |  NOT TESTED  |
+--------------+--------------+--------------+--------------+
|     503      |      30      |      2       |     617      |
+--------------+--------------+--------------+--------------+
"""


def test_the_counts_are_read_from_the_table() -> None:
    found = COUNTS.search(TABLE)

    assert found is not None
    assert found.groups() == ("503", "30", "2")


def test_any_property_that_fails_its_schema_fails_the_run_and_is_shown() -> None:
    said = "PASS - /Id\nERROR - FAIL - /Name: wrong\n"

    assert verdict_of_schemas(passed=503, failed=0, said="") == []
    assert verdict_of_schemas(passed=503, failed=1, said=said) == [
        "1 properties are not as their schemas have them:",
        "ERROR - FAIL - /Name: wrong",
    ]


def test_next_to_nothing_passed_is_a_failure() -> None:
    assert verdict_of_schemas(passed=0, failed=0, said="") == [
        "Only 0 properties were held against a schema; it did not look."
    ]
    assert verdict_of_protocol(passed=99, failures={}, known={}) == ["Only 99 assertions passed; it did not look."]


def test_known_failures_of_the_protocol_may_only_shrink() -> None:
    known = {"A GET": 1, "B POST": 3}

    assert verdict_of_protocol(passed=175, failures={"A GET": 1, "B POST": 3}, known=known) == []
    assert verdict_of_protocol(passed=175, failures={"A GET": 2, "C GET": 1, "B POST": 3}, known=known) == [
        "Fails, and did not before: A GET (1 ×)",
        "Fails, and did not before: C GET (1 ×)",
    ]
    assert verdict_of_protocol(passed=175, failures={"A GET": 1, "B POST": 2}, known=known) == [
        "Fails no more; take it out of .ci/protocol-failures.txt: B POST (1 ×)"
    ]


def test_every_known_failure_has_a_reason() -> None:
    text = (paths.CHECKOUT / validating.KNOWN).read_text(encoding="utf-8")

    known = parsed_known(text)

    assert known == Counter({name: times for name, times in known.items() if times > 0})
    assert sum(1 for line in text.splitlines() if line and not line.startswith("#")) == len(known)
    with pytest.raises(ValueError, match="not enough values"):
        parsed_known("A GET 1\n")


def test_the_schemas_are_where_they_are_said_to_be_or_beside_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(validating.SCHEMAS_VARIABLE, str(tmp_path))
    missing = schema_folder()
    (tmp_path / "Zone_v1.xml").write_text("<edmx/>", encoding="utf-8")
    there = schema_folder()
    monkeypatch.delenv(validating.SCHEMAS_VARIABLE)
    monkeypatch.setattr(paths, "CHECKOUT", tmp_path / "checkout")
    beside = tmp_path / "shared" / "redfish-csdl"
    beside.mkdir(parents=True)
    (beside / "Zone_v1.xml").write_text("<edmx/>", encoding="utf-8")

    assert (missing, there, schema_folder()) == (None, tmp_path, beside)
