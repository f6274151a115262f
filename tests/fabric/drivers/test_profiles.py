"""What an operator may overlay on a driver, what is said to a mistake, and where each value in force comes from."""

import json
import re
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from fabric.drivers.profiles import Effective, Origin, WrongProfile, effective, overlaid, setting
from fabric.drivers.redfish import Profile
from fabric.drivers.registry import PROFILES


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, kw_only=True)
class Sample:
    colour: Colour = setting(Colour.RED, "of the door")
    doors: int = setting(2, "how many", least=1, most=4)
    seconds: float = setting(1.5, "to open one", least=0.1)
    is_open: bool = setting(False, "from the start")
    names: tuple[str, ...] = setting(("a", "b"), "of the rooms")
    words: dict[str, str] = setting({}, "of the house")
    prefix: str = setting("", "of all")


def test_an_operator_outranks_the_defaults_and_json_is_understood() -> None:
    told = {"colour": "blue", "doors": 3, "seconds": 2, "is_open": True, "names": ["c"], "words": {"x": "y"}}

    profile = overlaid(Sample(), told)

    assert profile == Sample(
        colour=Colour.BLUE, doors=3, seconds=2.0, is_open=True, names=("c",), words={"x": "y"}, prefix=""
    )
    assert type(profile.seconds) is float


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("colour", "green", "it is one of red, blue"),
        ("doors", 5, "it is a whole number from 1 to 4"),
        ("doors", 0, "it is a whole number from 1 to 4"),
        ("doors", 1.5, "it is a whole number from 1 to 4"),
        ("doors", True, "it is a whole number from 1 to 4"),
        ("seconds", "long", "it is a number of 0.1 or more"),
        ("seconds", 0, "it is a number of 0.1 or more"),
        ("is_open", 1, "it is true or false"),
        ("names", "a", "it is a list of texts"),
        ("names", [1], "it is a list of texts"),
        ("words", [], "it is an object of names and values"),
        ("prefix", None, "it is a text"),
    ],
)
def test_a_value_that_cannot_be_names_the_key_and_the_remedy(name: str, value: Any, remedy: str) -> None:
    with pytest.raises(WrongProfile) as wrong:
        overlaid(Sample(), {name: value})

    assert wrong.value.problems == ((name, f"The profile's {name} cannot be {value!r}: {remedy}."),)


def test_all_mistakes_are_told_at_once_and_a_near_name_is_offered() -> None:
    with pytest.raises(WrongProfile) as wrong:
        overlaid(Sample(), {"colr": "red", "vendor": "x", "doors": 9})

    assert wrong.value.problems == (
        ("colr", "The profile has no colr; is colour meant?"),
        ("vendor", "The profile has no vendor; it knows colour, doors, is_open, names, prefix, seconds, words."),
        ("doors", "The profile's doors cannot be 9: it is a whole number from 1 to 4."),
    )


def test_every_value_in_force_has_an_origin_and_a_meaning() -> None:
    lines = effective(Sample(), operator={"doors": 3}, found={"prefix": "x", "doors": 1})

    assert lines[:2] == (
        Effective("colour", Colour.RED, Origin.DEFAULT, "of the door"),
        Effective("doors", 3, Origin.OPERATOR, "how many"),
    )
    assert lines[-1] == Effective("prefix", "x", Origin.SERVICE, "of all")


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_every_setting_of_every_driver_says_what_it_means(name: str) -> None:
    lines = effective(PROFILES[name], operator={}, found={})

    assert [line.name for line in lines if not line.meaning] == []
    assert {line.name for line in lines} == {one.name for one in fields(PROFILES[name])} - {"notes"}


def test_the_document_has_every_key_with_its_default() -> None:
    """What an operator reads is what is in force."""
    text = (Path(__file__).parents[3] / "docs" / "fabrics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `(.+?)` \|", text, re.MULTILINE)
    written = {name: json.loads(value) for name, value in rows if name in {one.name for one in fields(Profile)}}

    in_force = {line.name: line.value for line in effective(Profile(), operator={})}
    actions = in_force.pop("clean_actions")

    assert written == in_force
    assert [action for action in actions if f"`{action}`" not in text] == []
