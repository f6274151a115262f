"""The ordered steps, worked out by hand from the rule: do in order, undo in reverse what has begun."""

from dataclasses import replace

import pytest

from fabric.composing.plan import Target, plan_compose, plan_release
from fabric.composing.steps import DO_ORDER, UNDO, UNDO_ORDER
from fabric.drivers.base import CardSetting
from fabric.drivers.emulator.driver import CAPABILITIES
from fabric.states import StepKind

TARGET = Target(tag="t", host="host-1", blocks=("gpu-1",))
CUT = replace(TARGET, settings={"gpu-1": CardSetting(layout={"1g.10gb": 7})})
A, Q, S, C, P, G = DO_ORDER  # inspect (assess), quiesce, configure (set), compose, prove, grant
U, R, D, W, Z = UNDO_ORDER  # drain (until unused), revoke, decompose, clean (wipe), prove_gone


@pytest.mark.parametrize(
    ("needs_host_off", "done", "expected"),
    [
        (False, set(), (A, C, P, G)),
        (True, set(), (A, Q, C, P, G)),
        (True, {A, Q}, (C, P, G)),
        (False, {A, C, P}, (G,)),
        (False, {A, C, P, G}, ()),
    ],
)
def test_what_is_left_to_do(needs_host_off: bool, done: set[StepKind], expected: tuple[StepKind, ...]) -> None:
    capabilities = replace(CAPABILITIES, needs_host_off=needs_host_off)

    assert plan_compose(target=TARGET, capabilities=capabilities, done=done) == expected


@pytest.mark.parametrize(
    ("needs_host_off", "done", "expected"),
    [
        (False, set(), (A, S, C, P, G)),
        (True, {A}, (Q, S, C, P, G)),
        (True, {A, Q, S}, (C, P, G)),
    ],
)
def test_cards_are_set_before_anybody_holds_them(
    needs_host_off: bool, done: set[StepKind], expected: tuple[StepKind, ...]
) -> None:
    capabilities = replace(CAPABILITIES, needs_host_off=needs_host_off)

    assert plan_compose(target=CUT, capabilities=capabilities, done=done) == expected


@pytest.mark.parametrize(
    ("begun", "done", "expected"),
    [
        (set(), set(), ()),
        ({A}, {A}, ()),
        ({A, Q}, {A, Q}, ()),
        ({A, S}, {A}, (D, W, Z)),
        ({A, S, C}, {A, S}, (D, W, Z)),
        ({A, C}, {A}, (D, W, Z)),
        ({A, C, P}, {A, C}, (R, D, W, Z)),
        ({A, C, P, G}, {A, C, P, G}, (R, D, W, Z)),
        ({A, C, P, G, R, D}, {A, C, P, G, R}, (D, W, Z)),
        ({A, C, P, G, R, D, W}, {A, C, P, G, R, D}, (W, Z)),
    ],
)
def test_what_is_left_to_take_back(begun: set[StepKind], done: set[StepKind], expected: tuple[StepKind, ...]) -> None:
    assert plan_release(target=TARGET, capabilities=CAPABILITIES, begun=begun, done=done) == expected


@pytest.mark.parametrize(
    ("begun", "blocks", "expected"),
    [
        ({A, C, P, G}, ("gpu-1",), (U, R, D, W, Z)),
        ({A, C, P}, ("gpu-1",), (R, D, W, Z)),
        ({A, C, P, G}, (), (R, D, Z)),
    ],
)
def test_work_has_a_grace_only_where_somebody_had_access(
    begun: set[StepKind], blocks: tuple[str, ...], expected: tuple[StepKind, ...]
) -> None:
    target = replace(TARGET, blocks=blocks)

    assert plan_release(target=target, capabilities=CAPABILITIES, begun=begun, done={A}, drains=True) == expected


def test_a_node_without_blocks_has_nothing_to_clean() -> None:
    target = replace(TARGET, blocks=())

    assert plan_release(target=target, capabilities=CAPABILITIES, begun={A, C}, done={A}) == (D, Z)


def test_every_step_has_its_place_and_its_undo() -> None:
    assert set(DO_ORDER) | set(UNDO_ORDER) == set(StepKind) - {StepKind.RESIZE}
    assert set(UNDO) == set(DO_ORDER)
    assert {undo for undos in UNDO.values() for undo in undos} == set(UNDO_ORDER)
