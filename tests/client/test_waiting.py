"""A wait goes on over as many long polls as it takes, and ends when there is nothing to wait for."""

import httpx
import pytest

from heddle import Missed, TimedOut, Unauthenticated
from heddle.flows import FINAL, STAGES, is_missed
from portal.api.v1.wait import reachable
from scheduler.states import FINAL as FINAL_STATES
from scheduler.states import ReservationState
from tests.client.portals import answer, portal, problem, reservation

COMPOSING, ACTIVE = answer(reservation("composing")), answer(reservation("active"))


def test_polls_follow_each_other_until_the_state_is_there() -> None:
    asked = portal(COMPOSING, COMPOSING, ACTIVE, answer_seconds=50)

    with asked.client() as heddle:
        found = heddle.wait("r-1", state="active")

    assert (found["state"], asked.slept) == ("active", [0.0, 0.0])
    assert asked.paths == ["/api/v1/reservations/r-1/wait/?state=active&timeout=50"] * 3


def test_the_last_poll_is_as_short_as_the_time_that_is_left() -> None:
    asked = portal(COMPOSING, answer_seconds=50)

    with asked.client() as heddle, pytest.raises(TimedOut) as raised:
        heddle.wait("r-1", state="active", seconds=70)

    assert raised.value.reservation["state"] == "composing"
    assert [path.rpartition("=")[2] for path in asked.paths] == ["50", "20"]


def test_a_site_that_answers_at_once_is_asked_once_a_second() -> None:
    asked = portal(COMPOSING, COMPOSING, ACTIVE)

    with asked.client() as heddle:
        heddle.wait("r-1", state="active")

    assert asked.slept == [1.0, 1.0]


def test_no_time_at_all_is_one_look() -> None:
    asked = portal(COMPOSING)

    with asked.client() as heddle, pytest.raises(TimedOut):
        heddle.wait("r-1", state="active", seconds=0)

    assert [path.rpartition("=")[2] for path in asked.paths] == ["0"]


def test_what_cannot_come_any_more_is_not_waited_for() -> None:
    asked = portal(answer(reservation("failed", state_reason="No host answered.")))

    with (
        asked.client() as heddle,
        pytest.raises(Missed, match="failed and will not be active: No host"),
    ):
        heddle.wait("r-1", state="active")


def test_a_portal_that_is_started_anew_is_waited_for_as_well() -> None:
    asked = portal(*[httpx.ConnectError("refused")] * 9, ACTIVE)

    with asked.client() as heddle:
        assert heddle.wait("r-1")["state"] == "active"

    assert len(asked.asked) == 10


def test_a_token_that_is_revoked_meanwhile_ends_it() -> None:
    asked = portal(COMPOSING, problem(401, "UNAUTHENTICATED"), answer_seconds=50)

    with asked.client() as heddle, pytest.raises(Unauthenticated):
        heddle.wait("r-1")


async def test_the_other_client_waits_alike() -> None:
    asked = portal(COMPOSING, ACTIVE)

    async with asked.async_client() as heddle:
        found = await heddle.wait("r-1", state="active")

    assert (found["state"], asked.slept) == ("active", [1.0])


def test_the_client_knows_the_same_states() -> None:
    assert set(STAGES) == {state.value for state in ReservationState}
    assert {state.value for state in FINAL_STATES} == FINAL


def test_a_state_is_given_up_exactly_when_no_move_leads_there() -> None:
    """Only sideways moves are left out of the client's order: nobody waits for one of them."""
    wrong = [
        (wanted, state)
        for state in ReservationState
        for wanted in ReservationState
        if is_missed(wanted=wanted, state=state) and wanted in reachable(state)
    ]

    assert wrong == []
    assert all(is_missed(wanted=wanted, state="releasing") for wanted in ("active", "composing", "confirmed"))
