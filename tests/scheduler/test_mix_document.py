"""The page on the mix: every example in it is read, and everything it lists is what the code knows."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from fabric.catalogue import load_catalogue
from fabric.catalogue.attributes import further_facts
from portal.runtime.paths import CHECKOUT
from scheduler import limits
from scheduler.mix_parsing import ClassWords
from scheduler.parsing import Vocabulary, parse_request
from scheduler.placement_parsing import PLACEMENT_FIELDS
from scheduler.refusals import RefusalCode
from scheduler.selectors import BLOCK_ATTRIBUTES
from scheduler.selectors.attributes import kind_of
from tests.shipped import lab, pod

PAGE = (CHECKOUT / "docs/mix.md").read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
WORDS = Vocabulary(
    projects={"team-chat"},
    setup_minutes={"lab": 5, "pod": 10},
    host_classes={world.pool: {host.template for host in world.hosts.values()} for world in (lab(), pod())},
    device_classes={
        code: ClassWords(entry.tdp_w, tuple(further_facts(code, entry.entry)["mig_profiles"]))
        for code, entry in load_catalogue().entries.items()
    },
    networks={world.pool: tuple(world.networks) for world in (lab(), pod())},
)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_can_be_sent(example: dict[str, Any]) -> None:
    request = parse_request(example, vocabulary=WORDS, now=datetime(2030, 5, 13, 8, tzinfo=UTC))

    assert len(request.mix.groups) == len(example["mix"])


def test_every_placement_is_in_the_table() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))

    assert rows == PLACEMENT_FIELDS


def test_every_attribute_is_listed() -> None:
    listed = PAGE.partition("Attributes of a class")[2].partition("## Alternatives")[0]
    names = {name for name in re.findall(r"`([a-z0-9_]+)`", listed) if kind_of(name)}
    of_catalogue = {
        name
        for code, entry in load_catalogue().entries.items()
        for name in further_facts(code, entry.entry)["attributes"]
        if not name.startswith("dense_")
    }

    assert {name for name in names if not name.startswith("dense_")} == of_catalogue | set(BLOCK_ATTRIBUTES)


def test_the_bounds_are_those_of_the_code() -> None:
    said = " ".join(PAGE.split())

    assert f"at most {limits.SELECTOR_CHARS_MAX:,} characters and {limits.SELECTOR_WORDS_MAX} words" in said
    assert f"nests {limits.SELECTOR_DEPTH_MAX} deep, and a list has at most {limits.SELECTOR_ITEMS_MAX} items" in said
    together = f"of {limits.SELECTOR_CHARS_PER_MIX_MAX:,} characters together"
    assert f"a mix has at most {limits.SELECTORS_PER_MIX_MAX} selectors, {together}" in said
    assert f"at most {limits.CHOICES_MAX} choices, of which each list may hold {limits.FIRST_OF_MAX}" in said
    assert f"answers for the first {limits.CHOICES_QUOTED_MAX} `choices`" in said


def test_the_codes_are_those_of_the_code() -> None:
    named = set(re.findall(r"`([A-Z][A-Z0-9]+_[A-Z_]+)`", PAGE)) - {"MIXED_CLASSES"}

    assert named <= {code.value for code in RefusalCode}
