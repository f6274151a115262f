"""How many calls a token, a person and a project may make, what they are told, and what is done without Valkey."""

from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from portal.accounts import service_accounts
from portal.accounts.service_account_request import ServiceAccountRequest
from portal.accounts.token_request import TokenRequest
from portal.throttles import in_valkey
from portal.throttles.rates import rate_of
from scheduler.models import Reservation
from scheduler.requests import Actor
from scheduler.states import ProjectRole
from tests.portal.cast import MONDAY, Caller, Cast, wish

pytestmark = pytest.mark.needs_broker


@pytest.fixture(autouse=True)
def _listening() -> None:
    in_valkey.listen_again()


@pytest.fixture
def three(settings: Settings) -> None:
    settings.HEDDLE_API_RATE = rate_of("3/h")


@pytest.fixture
def three_for_a_project(settings: Settings) -> None:
    settings.HEDDLE_API_PROJECT_RATE = rate_of("3/h")


def statuses(caller: Caller, path: str, times: int) -> list[int]:
    return [caller.get(path).status_code for _ in range(times)]


def nightly(people: Cast) -> Caller:
    """A service account of team-chat, made without a call."""
    by, wanted = Actor(name="test"), ServiceAccountRequest(name="nightly", role=ProjectRole.MEMBER)
    account = service_accounts.make(project=people.chat, wish=wanted, by=by, now=MONDAY)
    token = TokenRequest(name="test", scopes=(), project=None, days=30)
    return Caller(service_accounts.issue_token(account=account, wish=token, by=by, now=MONDAY)[1])


def test_the_tokens_of_a_person_may_make_so_many_calls_together(people: Cast, three: None) -> None:
    first, second, bobs = (people.caller(name) for name in ("alice", "alice", "bob"))

    assert statuses(first, "pools/", 2) + statuses(second, "pools/", 2) == [200, 200, 200, 429]
    assert statuses(bobs, "pools/", 4) == [200, 200, 200, 429]


def test_the_tokens_and_the_sessions_of_a_person_are_one_caller(people: Cast, three: None) -> None:
    program, browser = people.caller("alice"), Caller(client=people.browser("alice"))

    assert statuses(program, "pools/", 2) + statuses(browser, "pools/", 2) == [200, 200, 200, 429]


def test_the_sessions_of_a_person_are_one_caller(people: Cast, three: None) -> None:
    first, second = (Caller(client=people.browser("alice")) for _ in range(2))

    assert statuses(first, "pools/", 2) + statuses(second, "pools/", 2) == [200, 200, 200, 429]


def test_who_is_throttled_is_told_how_much_is_allowed_and_when(people: Cast, three: None) -> None:
    alice = people.caller("alice")
    allowed = alice.get("pools/")
    statuses(alice, "pools/", 2)

    refused = alice.get("pools/")

    assert (allowed["RateLimit-Policy"], allowed["RateLimit"]) == (
        '"token";q=3;w=3600, "person";q=3;w=3600',
        '"token";r=2;t=1200, "person";r=2;t=1200',
    )
    assert refused["RateLimit"].startswith('"token";r=0;t=')
    assert 1_190 <= int(refused["Retry-After"]) <= 1_200
    body = refused.json()
    assert (body["code"], body["status"], body["request_id"]) == ("THROTTLED", 429, refused["X-Request-ID"])
    assert body["detail"] == f"At most 3/h for this token. Try again in {refused['Retry-After']} s."


def test_what_one_may_not_do_counts_too(people: Cast, three: None) -> None:
    narrow = people.caller("alice", scopes=("inventory:read",))

    assert statuses(narrow, "reservations/", 4) == [403, 403, 403, 429]


def test_refused_tokens_are_counted_by_address_and_good_ones_are_not_held_up(people: Cast, three: None) -> None:
    unknown = Caller("heddle_000000000000_" + "0" * 43)

    assert statuses(unknown, "pools/", 4) == [401, 401, 401, 429]
    assert people.caller("alice").get("pools/").status_code == 200


def test_nobody_is_told_to_identify_as_often_as_they_ask(people: Cast, three: None) -> None:
    assert statuses(Caller(), "pools/", 5) == [401] * 5


@pytest.mark.parametrize("path", ["projects/team-chat/quota/", "reservations/{code}/", "reservations/{code}/events/"])
def test_calls_about_a_project_are_counted_for_all_its_members(
    people: Cast, three_for_a_project: None, path: str
) -> None:
    alice, bob, charlie = (people.caller(name) for name in ("alice", "bob", "charlie"))
    there = path.format(code=alice.post("reservations/", wish()).json()["code"])

    told = [caller.get(there).status_code for caller in (bob, charlie, alice, bob)]

    assert told == [200, 404, 200, 429], "the booking was the first; a stranger's call is not the project's"
    assert charlie.get("projects/team-research/quota/").status_code == 200


@pytest.mark.parametrize("bound_to", [None, "team-chat"])
def test_who_only_looks_takes_nothing_from_the_project(
    people: Cast, three_for_a_project: None, bound_to: str | None
) -> None:
    vera = people.caller("vera", project=bound_to)

    assert statuses(vera, "projects/team-chat/quota/", 4) + statuses(vera, "pools/", 4) == [200] * 8
    assert statuses(people.caller("bob"), "projects/team-chat/quota/", 4) == [200, 200, 200, 429]


def test_a_program_of_the_project_is_counted_there_whatever_it_asks(people: Cast, three_for_a_project: None) -> None:
    program = nightly(people)

    told = [program.get("pools/") for _ in range(4)]

    assert [answer.status_code for answer in told] == [200, 200, 200, 429]
    assert told[0]["RateLimit"] == '"project";r=2;t=1200'


def test_a_call_about_a_project_is_counted_there_once(people: Cast, three_for_a_project: None) -> None:
    assert nightly(people).get("projects/team-chat/quota/")["RateLimit"] == '"project";r=2;t=1200'


def test_a_booking_that_is_throttled_books_nothing_and_its_key_is_still_good(
    people: Cast, three_for_a_project: None, settings: Settings
) -> None:
    alice = people.caller("alice")
    statuses(alice, "projects/team-chat/quota/", 3)
    refused = alice.post("reservations/", wish(), Idempotency_Key="key-1")
    before = Reservation.objects.count()
    settings.HEDDLE_API_PROJECT_RATE = None

    answer = alice.post("reservations/", wish(), Idempotency_Key="key-1")

    assert (refused.status_code, before, answer.status_code) == (429, 0, 201)


def test_a_wait_is_one_call(people: Cast, three: None) -> None:
    alice = people.caller("alice")
    code = alice.post("reservations/", wish(hold_minutes=5)).json()["code"]

    answer = alice.get(f"reservations/{code}/wait/?state=held&timeout=0")

    assert answer["RateLimit"] == '"token";r=1;t=2400, "person";r=1;t=2400'


def test_without_valkey_calls_pass_and_nothing_is_told(
    people: Cast, three: None, settings: Settings, tmp_path: Path
) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/gone.sock"
    alice = people.caller("alice")

    told: list[Any] = [alice.get("pools/") for _ in range(5)]

    assert [(answer.status_code, answer.get("RateLimit")) for answer in told] == [(200, None)] * 5


def test_where_nothing_is_limited_nothing_is_told(people: Cast) -> None:
    answer = people.caller("alice").get("pools/")

    assert (answer.get("RateLimit"), answer.get("RateLimit-Policy")) == (None, None)
