"""States are enums with a table of moves, a comment, a label and a tone each; nobody spells them in words."""

import re
from collections.abc import Mapping
from enum import StrEnum

import pytest

from fabric import states as fabric_states
from scheduler import states as scheduler_states
from tests.architecture import rules_states as rules
from tests.architecture.tree import CHECKOUT, ROOMS, source, sources, texts

TABLES = {
    "BLOCK_TRANSITIONS": (fabric_states.BLOCK_TRANSITIONS, fabric_states.BlockState.FREE),
    "COMPOSITION_TRANSITIONS": (fabric_states.COMPOSITION_TRANSITIONS, fabric_states.CompositionState.OPENED),
    "TRANSITIONS": (scheduler_states.TRANSITIONS, None),
    "OPERATION_TRANSITIONS": (scheduler_states.OPERATION_TRANSITIONS, scheduler_states.OperationState.QUEUED),
}
STATES = ("BlockState", "CompositionState", "StepState", "DriftKind", "ReservationState", "OperationState")
STATE_IN_A_TEMPLATE = re.compile(r"\{%[^%]*\bstate\s*(?:==|!=|in)\s*[\"'][^%]*%\}")


def test_nobody_compares_a_state_with_a_word() -> None:
    assert rules.compared_with_words(sources(*ROOMS)) == []


def test_no_template_compares_a_state_with_a_word() -> None:
    assert [place for place, text in texts("templates/**/*.html") if STATE_IN_A_TEMPLATE.search(text)] == []


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_moves_knows_every_state(name: str) -> None:
    table, start = TABLES[name]

    assert rules.gaps(table, start=start) == []


@pytest.mark.parametrize("place", ["fabric/states.py", "scheduler/states.py"])
def test_every_state_says_what_it_means(place: str) -> None:
    text = (CHECKOUT / place).read_text(encoding="utf-8")

    assert rules.members_without_comment(source(text, path=place), STATES) == []


def test_every_state_of_a_reservation_has_a_label_and_a_tone() -> None:
    assert set(scheduler_states.LABELS) == set(scheduler_states.ReservationState)
    assert set(scheduler_states.TONES) == set(scheduler_states.ReservationState)


def test_groups_of_states_follow_from_the_table() -> None:
    states = scheduler_states

    assert {s for s in states.ReservationState if not states.TRANSITIONS[s]} == states.FINAL
    assert not states.HOLDING & states.FINAL
    assert states.LIVE < states.HOLDING
    assert set(states.ReservationState) == states.UPCOMING | states.LIVE | states.FINAL
    assert {s for s in states.ReservationState if states.ReservationState.CANCELLED in states.TRANSITIONS[s]} == (
        states.CANCELLABLE | {states.ReservationState.RELEASING}
    )


@pytest.mark.parametrize(
    "text",
    [
        'reservation.state == "active"',
        '"held" != state',
        'block_state in ("free", "attached")',
        'Reservation.objects.filter(state="held")',
        'Operation.objects.filter(reservation__state__in=["held"])',
        "Q(state='held')",
        'match it.state:\n    case "held":\n        pass',
    ],
)
def test_a_state_in_words_is_found(text: str) -> None:
    assert len(rules.compared_with_words([source(text)])) == 1


@pytest.mark.parametrize("text", ["it.state == State.HELD", 'it.state == ""', 'it.name == "held"'])
def test_a_comparison_with_the_enum_is_accepted(text: str) -> None:
    assert rules.compared_with_words([source(text)]) == []


def test_a_state_in_a_template_is_found() -> None:
    assert STATE_IN_A_TEMPLATE.search('{% if row.state == "held" %}')
    assert STATE_IN_A_TEMPLATE.search("{% if row.is_held %}") is None


class Light(StrEnum):
    RED = "red"  # stop
    GREEN = "green"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({Light.RED: frozenset({Light.GREEN})}, ["green has no entry"]),
        ({Light.RED: frozenset(), Light.GREEN: frozenset({Light.RED})}, ["no move leads to green"]),
    ],
)
def test_a_gap_in_a_table_is_found(table: Mapping[StrEnum, frozenset[StrEnum]], told: list[str]) -> None:
    assert rules.gaps(table, start=Light.RED) == told


def test_a_state_without_comment_is_found() -> None:
    text = 'class Light(StrEnum):\n    RED = "red"  # stop\n    GREEN = "green"\n'

    assert rules.members_without_comment(source(text), ["Light"]) == ["scheduler/sample.py: Light.GREEN has no comment"]
