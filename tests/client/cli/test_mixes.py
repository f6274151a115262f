"""Mix files and quick mixes: what is written is what is sent."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from heddle.cli.exits import Unreadable
from heddle.cli.mixes import completed, from_file, groups, quick_mix

NOW = datetime(2030, 5, 13, 8, 0, tzinfo=UTC)


def read(tmp_path: Path, text: str) -> dict[str, Any]:
    file = tmp_path / "mix.yaml"
    file.write_text(text, encoding="utf-8")
    return from_file(file)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("2030-05-13T10:00:00+02:00", "2030-05-13T10:00:00+02:00"),  # a text, no date of YAML's
        ("10:30", "10:30"),  # no number to the base of sixty
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("null", None),
        ("012", "012"),
        ("12", 12),
        ("-1.5e3", -1500.0),
        ("1_000", "1_000"),
        ("'12'", "12"),
    ],
)
def test_a_value_is_what_json_would_make_of_it(tmp_path: Path, written: str, read_as: object) -> None:
    assert read(tmp_path, f"title: {written}") == {"title": read_as}


def test_ordinary_yaml_elsewhere_is_left_as_it_was(tmp_path: Path) -> None:
    read(tmp_path, "a: no")

    assert yaml.safe_load("a: no") == {"a": False}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pool: lab\npool: pod", "Line 1: pool stands there twice"),
        ("- a\n- b", "holds no reservation"),
        ("", "holds no reservation"),
        ("a: [", "is no YAML"),
        ("a: !!python/object/apply:os.system [true]", "is no YAML"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        read(tmp_path, text)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"gone\.yaml cannot be read"):
        from_file(tmp_path / "gone.yaml")


def test_quick_words_make_one_group() -> None:
    assert quick_mix(["h100:4", "nvme"], nodes=2) == [
        {"nodes": 2, "lines": [{"device_class": "h100", "count": 4}, {"device_class": "nvme", "count": 1}]}
    ]


@pytest.mark.parametrize("word", ["", "h100:0", "h100:x", "h100:4:2", "h 100:4"])
def test_a_quick_word_that_is_none(word: str) -> None:
    with pytest.raises(Unreadable, match="is no line of a mix"):
        quick_mix([word], nodes=1)


def test_counts_for_groups() -> None:
    assert groups(["decode=3", "=1"]) == [{"role": "decode", "nodes": 3}, {"role": "", "nodes": 1}]
    with pytest.raises(Unreadable, match="ROLE=COUNT"):
        groups(["decode:3"])


def test_what_the_command_says_goes_over_the_file() -> None:
    file = {"pool": "lab", "starts_at": "tomorrow 09:00", "ends_at": "tomorrow 12:00", "mix": []}

    found = completed(file, over={"pool": "pod", "title": None}, lasting="2h", now=NOW, zone=UTC)

    assert found == {"pool": "pod", "starts_at": "2030-05-14T09:00:00+00:00", "duration_minutes": 120, "mix": []}


def test_an_end_takes_the_place_of_a_length() -> None:
    found = completed({"duration": "3h"}, over={"ends_at": "18:00"}, lasting=None, now=NOW, zone=UTC)

    assert found == {"ends_at": "2030-05-13T18:00:00+00:00"}


def test_a_length_in_words_is_sent_in_minutes() -> None:
    assert completed({"duration": "1h30m"}, over={}, lasting=None, now=NOW, zone=UTC) == {"duration_minutes": 90}


def test_a_length_and_an_end_are_one_too_many() -> None:
    with pytest.raises(Unreadable, match="not both"):
        completed({}, over={"ends_at": "18:00"}, lasting="2h", now=NOW, zone=UTC)


def test_what_is_unknown_is_left_for_the_portal_to_refuse() -> None:
    assert completed({"projekt": "x"}, over={}, lasting=None, now=NOW, zone=UTC) == {"projekt": "x"}
