"""What is wrong in a selector is said with its place and a remedy; hostile ones are refused, and never slow."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.limits import SELECTOR_CHARS_MAX, SELECTOR_DEPTH_MAX, SELECTOR_ITEMS_MAX, SELECTOR_WORDS_MAX
from scheduler.selectors import SelectorError, parse


def error(text: str) -> str:
    with pytest.raises(SelectorError) as caught:
        parse(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "At character 1: a value is expected here, not the end."),
        ("device.kind = 'gpu'", "At character 13: “=”: write == to compare."),
        ("device.has_mig & true", "At character 16: “&”: write && for “and”."),
        ("device.has_mig | true", "At character 16: “|”: write || for “or”."),
        ("device.kind == 'gpu", "At character 16: “'”: the text is not closed."),
        ("device.kind == 'a\\n'", "At character 18: \\n is not known; only \\\\, \\\" and \\' are."),
        ("device.kind", "At character 1: this is a text, not a condition; compare it with something."),
        ("device.tdp_w", "At character 1: this is a number, not a condition; compare it with something."),
        ("device.kind > 3", "At character 13: > compares a text with a number."),
        ("device.has_mig == 1", "At character 16: == compares a true or false with a number."),
        ("device.has_mig < true", "At character 16: < orders numbers and texts; write == true or == false."),
        ("device.tdp_w && true", "At character 1: && joins conditions, and this is a number; compare it."),
        ("true || device.tdp_w", "At character 9: || joins conditions, and this is a number; compare it."),
        ("!device.kind", "At character 1: ! turns a condition round, and this is a text."),
        ("1 < 2 < 3", "At character 7: comparisons are not chained; join two of them with &&."),
        ("device.kind in ['gpu', 1]", "At character 24: the list holds a number, and what is looked for is a text."),
        ("device.kind in []", "At character 17: a value is expected here, not “]”."),
        ("device.kind in ['gpu'", "At character 22: “]” is expected here, not the end."),
        ("device.memory_gb > 1", "At character 8: a device has no attribute “memory_gb”; the nearest is “memory_gib”."),
        ("device.xyz > 1", "At character 8: a device has no attribute “xyz”; the nearest is “kind”."),
        ("kind == 'gpu'", "At character 1: “kind”: attributes are written device.kind."),
        ("has(kind)", "At character 5: “kind”: attributes are written device.kind."),
        ("device.tdp_w.contains('4')", "At character 14: contains() is for texts."),
        (
            "device.name.matches('.*')",
            "At character 13: “matches” cannot be asked; there are startsWith(), endsWith(), contains().",
        ),
        ("(true", "At character 6: “)” is expected here, not the end."),
        ("true)", "At character 5: the selector should end here, before “)”."),
        ("1 + 1 == 2", "At character 3: “+”: this is no part of a selector; see the page on the mix for what is."),
        ("true\n", "At character 5: line breaks, control and invisible characters are not allowed."),
        ("device.kind == 'a\x00'", "At character 18: line breaks, control and invisible characters are not allowed."),
        ("device.kind == '\ud800'", "At character 17: line breaks, control and invisible characters are not allowed."),
        ("true\u202e", "At character 5: line breaks, control and invisible characters are not allowed."),
        ("device.kind == -'a'", "At character 17: a value is expected here, not “a”."),
        ("1" * 19 + " == 1", "At character 1: a number has at most 18 digits."),
    ],
)
def test_each_mistake_is_named_with_its_place(text: str, message: str) -> None:
    assert error(text) == message


def test_a_selector_at_its_bounds_is_read() -> None:
    deep = "(" * SELECTOR_DEPTH_MAX + "true" + ")" * SELECTOR_DEPTH_MAX
    chain = " || ".join(["true"] * (SELECTOR_WORDS_MAX // 2))
    listed = f"device.slot in [{', '.join(['1'] * SELECTOR_ITEMS_MAX)}]"
    long = "true" + " " * (SELECTOR_CHARS_MAX - 4)

    assert [parse(text).matches({"slot": 1}) for text in (deep, chain, listed, long)] == [True] * 4


def test_a_selector_beyond_its_bounds_is_refused() -> None:
    negated = "!" * (SELECTOR_DEPTH_MAX + 1) + "true"
    listed = f"device.slot in [{', '.join(['1'] * (SELECTOR_ITEMS_MAX + 1))}]"

    assert error(negated) == "At character 17: brackets and ! nest at most 16 deep."
    assert error("(" * 900) == "At character 201: a selector has at most 200 words, not 900; make it shorter."
    assert error(listed) == "At character 16: a list has at most 32 items, not 33."
    assert error("x" * 100_000) == "At character 1001: a selector has at most 1000 characters, not 100000."


SAMPLE = "!(device.kind == 'gpu') && device.memory_gib >= 40 || has(device.slot) && device.kind in ['gpu', -1] != true"
WORDS = st.sampled_from(re.findall(r"\w+|[^\w\s]+", SAMPLE))


@given(st.lists(WORDS, max_size=SELECTOR_WORDS_MAX))
def test_any_words_are_read_or_refused_and_never_anything_else(words: list[str]) -> None:
    try:
        answer = parse(" ".join(words)[:SELECTOR_CHARS_MAX]).matches({"kind": "gpu", "memory_gib": 80})
    except SelectorError as refused:
        assert 1 <= refused.position <= SELECTOR_CHARS_MAX + 1
    else:
        assert answer in (True, False)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_and_never_anything_else(text: str) -> None:
    try:
        parse(text)
    except SelectorError as refused:
        assert 1 <= refused.position <= len(text) + 1
