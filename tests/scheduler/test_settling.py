"""What follows from how an operation ended, row by row as the rule says it."""

from dataclasses import replace
from itertools import product

import pytest

from fabric.composing.results import NodeOutcome as O
from scheduler.requests import OnFailure
from scheduler.settling import Facts, Verdict, Way, pause_seconds, verdict
from scheduler.states import OperationKind as K
from scheduler.states import OperationState as S
from scheduler.states import ReservationState as R

COMPOSING, ACTIVE, RELEASING = (
    Facts(state=state, is_closed=True, blocks=8) for state in (R.COMPOSING, R.ACTIVE, R.RELEASING)
)
CHECKED_AGAIN = Verdict(operation=S.QUEUED, pause_seconds=1)
POSSIBLE = {
    K.COMPOSE: {O.COMPOSED, O.NOT_READY, O.UNKNOWN, O.UNDONE, O.QUARANTINED, O.SUPERSEDED},
    K.RELEASE: {O.RELEASED, O.NOT_READY, O.UNKNOWN, O.QUARANTINED, O.SUPERSEDED},
    K.RESIZE: {O.RESIZED, O.NOT_RESIZED, O.NOT_READY, O.UNKNOWN, O.QUARANTINED, O.SUPERSEDED},
}


def told(facts: Facts, **changes: object) -> Facts:
    return replace(facts, **changes)


@pytest.mark.parametrize(("kind", "outcome"), list(product(K, O)))
def test_every_outcome_of_every_kind_has_a_verdict_and_no_other(kind: K, outcome: O) -> None:
    if outcome in POSSIBLE[kind]:
        for facts in (COMPOSING, ACTIVE, RELEASING):
            assert isinstance(verdict(kind=kind, outcome=outcome, facts=facts), Verdict)
    else:
        with pytest.raises(LookupError):
            verdict(kind=kind, outcome=outcome, facts=COMPOSING)


@pytest.mark.parametrize("kind", K)
def test_who_was_overtaken_writes_nothing_and_wakes_the_release(kind: K) -> None:
    assert verdict(kind=kind, outcome=O.SUPERSEDED, facts=RELEASING) == Verdict(
        operation=None, ways=(Way.HURRY_RELEASE,)
    )


@pytest.mark.parametrize(
    ("facts", "ways"),
    [
        (told(COMPOSING, is_last=True), (Way.ACTIVATE,)),
        (COMPOSING, ()),  # another node is still being composed
        (told(RELEASING, is_last=True), ()),  # its release is queued already
    ],
)
def test_the_last_proven_node_makes_it_active(facts: Facts, ways: tuple[Way, ...]) -> None:
    assert verdict(kind=K.COMPOSE, outcome=O.COMPOSED, facts=facts) == Verdict(operation=S.DONE, ways=ways)


def test_a_release_that_overruns_is_waited_for_and_told_until_the_deadline() -> None:
    waits = Verdict(operation=S.QUEUED, pause_seconds=1, tells_wait=True)

    assert verdict(kind=K.COMPOSE, outcome=O.NOT_READY, facts=told(COMPOSING, is_closed=False)) == waits
    late = told(COMPOSING, is_closed=False, is_late=True)
    assert verdict(kind=K.COMPOSE, outcome=O.NOT_READY, facts=late).ways == (Way.FAIL,)


@pytest.mark.parametrize(
    ("kind", "facts", "expected"),
    [
        (K.COMPOSE, COMPOSING, CHECKED_AGAIN),
        (K.COMPOSE, told(COMPOSING, is_late=True), Verdict(operation=S.FAILED, ways=(Way.FAIL,))),
        (K.COMPOSE, told(RELEASING, is_late=True), CHECKED_AGAIN),
        (K.RELEASE, told(RELEASING, is_late=True), CHECKED_AGAIN),  # a release never gives up
        (K.RESIZE, told(ACTIVE, is_late=True), CHECKED_AGAIN),  # nor is a node in use left half changed
    ],
)
def test_an_unknown_outcome_is_read_again(kind: K, facts: Facts, expected: Verdict) -> None:
    assert verdict(kind=kind, outcome=O.UNKNOWN, facts=facts) == expected


DEGRADE = OnFailure.DEGRADE


@pytest.mark.parametrize(
    ("changes", "ways"),
    [
        # some are to blame: another in its place at once; if none is free, the same again; then the end
        ({"failed": 1}, (Way.SWAP, Way.COMPOSE_AGAIN, Way.FAIL)),
        ({"failed": 2}, (Way.SWAP, Way.COMPOSE_AGAIN, Way.FAIL)),
        ({"failed": 3}, (Way.COMPOSE_AGAIN, Way.FAIL)),
        ({"failed": 1, "swaps": 1}, (Way.SWAP, Way.COMPOSE_AGAIN, Way.FAIL)),
        ({"failed": 2, "swaps": 1}, (Way.COMPOSE_AGAIN, Way.FAIL)),
        ({"failed": 1, "swaps": 2}, (Way.COMPOSE_AGAIN, Way.FAIL)),
        # all are, or none is named: perhaps none is to blame
        ({"failed": 8}, (Way.COMPOSE_AGAIN, Way.FAIL)),
        ({"failed": 0}, (Way.COMPOSE_AGAIN, Way.FAIL)),
        ({"failed": 1, "blocks": 1}, (Way.COMPOSE_AGAIN, Way.FAIL)),
        ({"failed": 1, "blocks": 1, "generation": 3}, (Way.SWAP, Way.FAIL)),
        ({"failed": 8, "generation": 3}, (Way.FAIL,)),
        # three names are enough, and the deadline is
        ({"failed": 1, "generation": 3}, (Way.SWAP, Way.FAIL)),
        ({"failed": 1, "swaps": 2, "generation": 3}, (Way.FAIL,)),
        ({"failed": 1, "is_late": True}, (Way.FAIL,)),
        ({"failed": 1, "is_closed": False}, (Way.FAIL,)),  # not before it is proven gone
        # who would rather begin with less
        ({"failed": 1, "on_failure": DEGRADE}, (Way.SWAP, Way.DEGRADE, Way.COMPOSE_AGAIN, Way.FAIL)),
        ({"failed": 3, "on_failure": DEGRADE}, (Way.DEGRADE, Way.COMPOSE_AGAIN, Way.FAIL)),
        ({"failed": 1, "swaps": 2, "generation": 3, "on_failure": DEGRADE}, (Way.DEGRADE, Way.FAIL)),
        ({"failed": 8, "on_failure": DEGRADE}, (Way.COMPOSE_AGAIN, Way.FAIL)),
        ({"failed": 1, "is_late": True, "on_failure": DEGRADE}, (Way.DEGRADE, Way.FAIL)),
    ],
)
def test_a_node_that_was_taken_back(changes: dict[str, object], ways: tuple[Way, ...]) -> None:
    assert verdict(kind=K.COMPOSE, outcome=O.UNDONE, facts=told(COMPOSING, **changes)).ways == ways


def test_devices_are_blamed_for_good_with_the_last_try() -> None:
    first, last = told(COMPOSING, failed=8), told(COMPOSING, failed=8, generation=3)

    assert verdict(kind=K.COMPOSE, outcome=O.UNDONE, facts=first).sets_aside is False
    assert verdict(kind=K.COMPOSE, outcome=O.UNDONE, facts=last).sets_aside is True


@pytest.mark.parametrize(
    ("changes", "ways"),
    [
        ({"failed": 1}, (Way.SWAP, Way.FAIL)),  # never the same device again
        ({"failed": 1, "blocks": 1}, (Way.SWAP, Way.FAIL)),
        ({"failed": 1, "swaps": 2}, (Way.FAIL,)),
        ({"failed": 8}, (Way.FAIL,)),
        ({"failed": 1, "on_failure": DEGRADE}, (Way.SWAP, Way.DEGRADE, Way.FAIL)),
        ({"failed": 1, "swaps": 2, "on_failure": DEGRADE}, (Way.DEGRADE, Way.FAIL)),
        ({"failed": 8, "on_failure": DEGRADE}, (Way.FAIL,)),
    ],
)
def test_a_node_of_which_something_is_quarantined(changes: dict[str, object], ways: tuple[Way, ...]) -> None:
    found = verdict(kind=K.COMPOSE, outcome=O.QUARANTINED, facts=told(COMPOSING, **changes))

    assert found == Verdict(operation=S.FAILED, ways=ways, tells_quarantine=True)


@pytest.mark.parametrize("outcome", [O.UNDONE, O.QUARANTINED])
def test_nothing_is_tried_again_for_a_reservation_that_is_ending(outcome: O) -> None:
    assert verdict(kind=K.COMPOSE, outcome=outcome, facts=told(RELEASING, failed=1)).ways == (Way.FINISH,)


@pytest.mark.parametrize("outcome", [O.RELEASED, O.QUARANTINED])
def test_a_node_that_is_given_back(outcome: O) -> None:
    assert verdict(kind=K.RELEASE, outcome=outcome, facts=RELEASING) == Verdict(
        operation=S.DONE, ways=(Way.FINISH,), tells_quarantine=outcome == O.QUARANTINED
    )


@pytest.mark.parametrize(
    ("outcome", "changes", "expected"),
    [
        (O.RESIZED, {}, Verdict(operation=S.DONE, ways=(Way.FOLLOW,))),
        (O.NOT_RESIZED, {"failed": 1}, Verdict(operation=S.FAILED, ways=(Way.FOLLOW,), sets_aside=True)),
        (O.NOT_READY, {}, Verdict(operation=S.QUEUED, pause_seconds=1, tells_wait=True)),
        (O.NOT_READY, {"is_late": True}, Verdict(operation=S.FAILED, ways=(Way.FOLLOW,))),
        # the node is frozen and closed: it is lost, and with it the reservation
        (O.QUARANTINED, {}, Verdict(operation=S.FAILED, ways=(Way.FAIL,), tells_quarantine=True)),
        # the node lives on: what it gave back could not be proven clean
        (O.QUARANTINED, {"is_closed": False}, Verdict(operation=S.DONE, ways=(Way.FOLLOW,), tells_quarantine=True)),
    ],
)
def test_a_change_of_a_node_in_use(outcome: O, changes: dict[str, object], expected: Verdict) -> None:
    assert verdict(kind=K.RESIZE, outcome=outcome, facts=told(ACTIVE, **changes)) == expected


@pytest.mark.parametrize(
    ("kind", "outcome", "changes", "expected"),
    [
        (K.COMPOSE, O.COMPOSED, {}, Verdict(operation=S.DONE, ways=(Way.CARRY_ON,))),
        (K.COMPOSE, O.UNKNOWN, {}, CHECKED_AGAIN),
        (K.COMPOSE, O.UNKNOWN, {"is_late": True}, Verdict(operation=S.FAILED, ways=(Way.CARRY_ON,))),
        (K.COMPOSE, O.NOT_READY, {}, Verdict(operation=S.QUEUED, pause_seconds=1, tells_wait=True)),
        # tried like a first wiring, but never less than was asked for, and never the end of the others
        (
            K.COMPOSE,
            O.UNDONE,
            {"failed": 1},
            Verdict(operation=S.FAILED, ways=(Way.SWAP, Way.COMPOSE_AGAIN, Way.CARRY_ON)),
        ),
        (
            K.COMPOSE,
            O.UNDONE,
            {"failed": 3, "on_failure": DEGRADE},
            Verdict(operation=S.FAILED, ways=(Way.COMPOSE_AGAIN, Way.CARRY_ON)),
        ),
        (
            K.COMPOSE,
            O.UNDONE,
            {"failed": 8, "generation": 3},
            Verdict(operation=S.FAILED, ways=(Way.CARRY_ON,), sets_aside=True),
        ),
        (
            K.COMPOSE,
            O.QUARANTINED,
            {"failed": 1},
            Verdict(operation=S.FAILED, ways=(Way.SWAP, Way.CARRY_ON), tells_quarantine=True),
        ),
        (K.RELEASE, O.RELEASED, {}, Verdict(operation=S.DONE, ways=(Way.CARRY_ON,))),
        (K.RELEASE, O.QUARANTINED, {}, Verdict(operation=S.DONE, ways=(Way.CARRY_ON,), tells_quarantine=True)),
    ],
)
def test_a_node_that_comes_or_goes_while_the_others_are_in_use(
    kind: K, outcome: O, changes: dict[str, object], expected: Verdict
) -> None:
    assert verdict(kind=kind, outcome=outcome, facts=told(ACTIVE, **changes)) == expected


def test_pauses_grow_and_then_stay() -> None:
    assert [pause_seconds(attempt) for attempt in (1, 2, 3, 4, 5, 6, 7, 100)] == [1, 2, 3, 5, 8, 10, 10, 10]
