from datetime import timedelta
from decimal import Decimal

import pytest

from fabric.states import STEP_WORDS, CompositionState, StepKind, StepState
from portal.runtime.paths import CHECKOUT as ROOT
from portal.web.present.booking import input_name
from portal.web.present.states import COMPOSITION_PILLS, STEP_PILLS, UNIT_PILLS, reservation_pill
from portal.web.present.words import duration, mix_words, money, plural, setting_words, warning_texts
from scheduler.queries.units import UNIT_STATES
from scheduler.states import ReservationState

TONES = {"ok", "warn", "bad", "busy", "wait", "info", "quiet", "free"}


def test_every_state_has_a_word_and_a_tone() -> None:
    assert set(UNIT_PILLS) == set(UNIT_STATES)
    assert set(COMPOSITION_PILLS) == set(CompositionState)
    assert set(STEP_PILLS) == set(StepState)
    assert set(STEP_WORDS) == set(StepKind)
    pills = [*UNIT_PILLS.values(), *COMPOSITION_PILLS.values(), *STEP_PILLS.values()]
    pills += [reservation_pill(state) for state in ReservationState]
    assert {pill.tone for pill in pills} <= TONES


def test_every_tone_has_a_shape_of_its_own() -> None:
    css = (ROOT / "static/css/components.css").read_text()

    assert [tone for tone in TONES - {"ok", "free"} if f".mark.{tone}::before" not in css] == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (61, "1 min 1 s"),
        (600, "10 min"),
        (7_080, "1 h 58 min"),
        (93_600, "1 d 2 h"),
        (-5, "0 s"),
    ],
)
def test_lengths_of_time_take_two_units_at_most(seconds: int, words: str) -> None:
    assert duration(timedelta(seconds=seconds)).replace("\u00a0", " ") == words


def test_money_is_to_the_cent_and_names_its_currency() -> None:
    assert money(Decimal("1234.5"), "USD") == "$1,234.50"
    assert money("3.005", "CHF") == "3.00\u00a0CHF"


def test_a_mix_reads_as_people_say_it() -> None:
    words = mix_words([("a", 4, ""), ("b", 2, ""), ("a", 9, "1g.10gb")], {"a": "H100 NVL"})

    assert words.replace("\u00a0", " ") == "4 × H100 NVL + 2 × b + 9 × 1g.10gb of H100 NVL"


@pytest.mark.parametrize(
    ("layout", "power_cap_w", "words"),
    [
        ({}, None, ""),
        ({"1g.10gb": 7}, None, "7 × 1g.10gb"),
        ({"3g.40gb": 1, "1g.10gb": 4}, 250, "4 × 1g.10gb, 1 × 3g.40gb, at most 250 W"),
    ],
)
def test_a_setting_reads_as_slices_and_a_cap(layout: dict[str, int], power_cap_w: int | None, words: str) -> None:
    assert setting_words(layout, power_cap_w).replace("\u00a0", " ") == words


def test_plurals() -> None:
    assert [plural(number, "node").replace("\u00a0", " ") for number in (1, 2)] == ["1 node", "2 nodes"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("mix[0].lines[12].count", "group-0-line-12-count"),
        ("mix[1].placement.host_class", "group-1-host_class"),
        ("mix[1].lines", "group-1-lines"),
        ("mix[1]", "group-1"),
        ("duration_minutes", "duration"),
        ("title", "title"),
    ],
)
def test_an_error_finds_its_field(path: str, name: str) -> None:
    assert input_name(path) == name


def test_a_warning_is_said_without_its_code() -> None:
    assert warning_texts(["NUMA_SPLIT: Node 1 spans: two sockets.", "Plain."]) == (
        "Node 1 spans: two sockets.",
        "Plain.",
    )
