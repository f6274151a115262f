"""What is sent again, how often, and how long is waited before."""

import httpx
import pytest

from heddle import (
    Call,
    ConnectionFailed,
    Forbidden,
    HeddleError,
    Invalid,
    KeyReused,
    NotFound,
    PoolBusy,
    Problem,
    Refused,
    Retries,
    ServerFailed,
    Stale,
    StillRunning,
    Throttled,
    Unauthenticated,
    WrongState,
)
from tests.client.portals import answer, portal, problem, reservation

DONE = answer(reservation(), 201)
BROKEN = httpx.ConnectError("refused")


def test_a_create_whose_answer_was_lost_is_sent_again_under_the_same_key() -> None:
    asked = portal(httpx.ReadTimeout("gone"), httpx.RemoteProtocolError("cut"), DONE)

    with asked.client() as heddle:
        booked = heddle.book({"quote": "q-1"})

    assert booked["code"] == "r-1"
    assert len({request.headers["Idempotency-Key"] for request in asked.asked}) == 1
    assert [request.content for request in asked.asked] == [b'{"quote":"q-1"}'] * 3


def test_pauses_double_up_to_a_longest() -> None:
    asked = portal(BROKEN)

    with asked.client(retries=Retries(chance=lambda: 1.0, tries_max=8)) as heddle, pytest.raises(ConnectionFailed):
        heddle.pool("lab")

    assert asked.slept == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0]


def test_chance_takes_up_to_half_of_a_pause_away() -> None:
    asked = portal(BROKEN, DONE)

    with asked.client(retries=Retries(chance=lambda: 0.0)) as heddle:
        heddle.pool("lab")

    assert asked.slept == [0.125]


@pytest.mark.parametrize(
    ("first", "slept"),
    [
        (problem(429, "THROTTLED", retry_after="7"), [7.0]),
        (problem(429, "THROTTLED"), [0.25]),
        (problem(503, "UNAVAILABLE", retry_after="1"), [1.0]),
        (problem(503, "UNAVAILABLE"), [0.25]),
        (problem(409, "POOL_BUSY", retry_after="1"), [1.0]),
        (problem(409, "STILL_RUNNING", retry_after="2"), [2.0]),
        (httpx.Response(502, text="<html>bad gateway</html>"), [0.25]),
        (httpx.Response(504, text=""), [0.25]),
    ],
)
def test_what_passes_is_tried_again_when_it_says(first: httpx.Response, slept: list[float]) -> None:
    asked = portal(first, DONE)

    with asked.client() as heddle:
        heddle.book({"quote": "q-1"})

    assert (asked.slept, len(asked.asked)) == (slept, 2)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (problem(400, "INVALID"), Invalid),
        (problem(401, "UNAUTHENTICATED"), Unauthenticated),
        (problem(403, "FORBIDDEN"), Forbidden),
        (problem(404, "NOT_FOUND"), NotFound),
        (problem(405, "METHOD_NOT_ALLOWED"), Problem),
        (problem(409, "REFUSED"), Refused),
        (problem(409, "WRONG_STATE"), WrongState),
        (problem(412, "STALE"), Stale),
        (problem(413, "TOO_LARGE"), Invalid),
        (problem(422, "KEY_REUSED"), KeyReused),
        (problem(500, "INTERNAL"), ServerFailed),
        (httpx.Response(404, text="a proxy's own page"), NotFound),
        (httpx.Response(302, headers={"Location": "https://elsewhere.example/"}), ServerFailed),
        (httpx.Response(200, text="<html>please sign in</html>"), ServerFailed),
    ],
)
def test_what_does_not_pass_is_raised_at_once(given: httpx.Response, kind: type[HeddleError]) -> None:
    asked = portal(given)

    with asked.client() as heddle, pytest.raises(HeddleError) as raised:
        heddle.book({"quote": "q-1"})

    assert (type(raised.value), len(asked.asked)) == (kind, 1)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (problem(429, "THROTTLED", retry_after="1"), Throttled),
        (problem(409, "POOL_BUSY", retry_after="1"), PoolBusy),
        (problem(409, "STILL_RUNNING", retry_after="1"), StillRunning),
        (problem(503, "UNAVAILABLE", retry_after="1"), ServerFailed),
    ],
)
def test_patience_ends_after_five_tries(given: httpx.Response, kind: type[Problem]) -> None:
    asked = portal(given)

    with asked.client() as heddle, pytest.raises(Problem) as raised:
        heddle.book({"quote": "q-1"})

    assert (type(raised.value), len(asked.asked), raised.value.retry_after) == (kind, 5, 1.0)


def test_a_pause_of_an_hour_is_left_to_the_caller() -> None:
    asked = portal(problem(429, "THROTTLED", retry_after="3600"))

    with asked.client() as heddle, pytest.raises(Throttled) as raised:
        heddle.pool("lab")

    assert (raised.value.retry_after, asked.slept) == (3600.0, [])


def test_an_unsafe_call_without_a_key_is_never_guessed_about() -> None:
    """It may have been done; only who was throttled was certainly not served."""
    call = Call[object](method="POST", path="quotes/", body={})

    lost, throttled = portal(BROKEN), portal(problem(429, "THROTTLED", retry_after="1"), answer({}))
    with lost.client() as heddle, pytest.raises(ConnectionFailed):
        heddle.send(call)
    with throttled.client() as heddle:
        heddle.send(call)

    assert (len(lost.asked), len(throttled.asked)) == (1, 2)


async def test_the_other_client_keeps_the_same_rules() -> None:
    asked = portal(httpx.ReadTimeout("gone"), problem(429, "THROTTLED", retry_after="7"), DONE)

    async with asked.async_client() as heddle:
        booked = await heddle.book({"quote": "q-1"}, key="k")

    assert (booked["code"], asked.slept) == ("r-1", [0.25, 7.0])
    assert [request.headers["Idempotency-Key"] for request in asked.asked] == ["k"] * 3


def test_a_refusal_has_its_reasons_and_what_would_fit() -> None:
    alternative = {"kind": "start", "message": "At 12:00.", "request": {"pool": "lab"}}
    asked = portal(problem(409, "REFUSED", refusals=[{"code": "ZONE"}], alternatives=[alternative], proven=True))

    with asked.client() as heddle, pytest.raises(Refused) as raised:
        heddle.book({"quote": "q-1"})

    assert (raised.value.refusals, raised.value.alternatives) == ([{"code": "ZONE"}], [alternative])
    assert (raised.value.is_proven, raised.value.request_id, str(raised.value)) == (True, "q-1", "Not so.")


def test_an_address_that_moved_is_told_and_not_followed() -> None:
    """The token is for one house only."""
    asked = portal(httpx.Response(301, headers={"Location": "https://elsewhere.example/"}))

    with asked.client() as heddle, pytest.raises(ServerFailed, match="at another address"):
        heddle.pool("lab")

    assert [request.url.host for request in asked.asked] == ["portal.example"]
