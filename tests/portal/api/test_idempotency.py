"""The same call under the same key: once done, always the same answer."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import ApiToken, User
from scheduler.models import CapacityAlert, Delegation, IdempotencyKey, JournalEntry, Quote, Reservation
from scheduler.refusals import Refusal, RefusalCode, Refused
from scheduler.services.idempotency import ANSWER_SECONDS, LOCK_SECONDS, Begun, Call, StillRunning, begin
from scheduler.services.purge import purge
from tests.portal.cast import MONDAY, Cast, searched, wish

KEY = {"Idempotency_Key": "key-1"}
MADE = (Quote, ApiToken, User, JournalEntry, CapacityAlert, Delegation)
ACCOUNTS = "projects/team-chat/service-accounts/"


def shown(answer: Any) -> tuple[int, Any, str | None, str | None, str]:
    return answer.status_code, answer.json(), answer.get("Location"), answer.get("ETag"), answer["Content-Type"]


def test_same_key_and_body_same_answer(people: Cast) -> None:
    alice = people.caller("alice")
    first = alice.post("reservations/", wish(), **KEY)
    alice.post(f"reservations/{first.json()['code']}/cancel/")

    again = alice.post("reservations/", wish(), **KEY)

    assert shown(again) == shown(first)
    assert Reservation.objects.count() == 1


def test_order_of_names_does_not_matter(people: Cast) -> None:
    alice = people.caller("alice")
    first = alice.post("reservations/", wish(), **KEY)

    again = alice.post("reservations/", dict(reversed(wish().items())), **KEY)

    assert shown(again) == shown(first)


def test_refusal_is_kept_too(people: Cast) -> None:
    alice = people.caller("alice")
    first = alice.post("reservations/", wish(13), **KEY)

    again = alice.post("reservations/", wish(13), **KEY)

    assert first.status_code == 409
    assert shown(again) == shown(first)


def test_other_body_or_other_path_is_422(people: Cast) -> None:
    alice = people.caller("alice")
    code = alice.post("reservations/", wish(), **KEY).json()["code"]

    answers = [
        alice.post("reservations/", wish(2), **KEY),
        alice.post("quotes/", wish(), **KEY),
        alice.post(f"reservations/{code}/cancel/", **KEY),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(422, "KEY_REUSED")] * 3
    assert Reservation.objects.get().state == "confirmed"


def test_keys_of_two_people_are_two_keys(people: Cast) -> None:
    made = [people.caller(name).post("reservations/", wish(), **KEY).json()["code"] for name in ("alice", "bob")]

    assert len(set(made)) == 2


def test_verbs_answer_the_same_too(people: Cast) -> None:
    alice = people.caller("alice")
    code = alice.post("reservations/", wish(hold_minutes=5)).json()["code"]
    first = alice.post(f"reservations/{code}/confirm/", **KEY)
    alice.post(f"reservations/{code}/cancel/")

    again = alice.post(f"reservations/{code}/confirm/", **KEY)

    assert shown(again) == shown(first)
    assert again.json()["state"] == "confirmed"


def test_still_running_is_409_with_a_time_to_try_again(people: Cast) -> None:
    begun = _crash_before_commit(people)

    answer = people.caller("alice").post("reservations/", wish(), **KEY)

    assert isinstance(begun, Begun)
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (409, "STILL_RUNNING", "1")


def test_call_that_died_is_run_again_once_its_lock_is_over(people: Cast) -> None:
    _crash_before_commit(people)

    with time_machine.travel(MONDAY + timedelta(seconds=LOCK_SECONDS), tick=False):
        answer = people.caller("alice").post("reservations/", wish(), **KEY)

    assert (answer.status_code, Reservation.objects.count()) == (201, 1)


def test_reservation_committed_by_a_call_that_died_is_found_again(people: Cast) -> None:
    """Also when its start has passed since: it is answered, not read anew."""
    alice = people.caller("alice")
    first = alice.post("reservations/", wish(), **KEY).json()
    IdempotencyKey.objects.update(status=0, answer=None, headers={})  # as a crash between commit and answer leaves it

    with time_machine.travel(MONDAY + timedelta(hours=3), tick=False):
        again = alice.post("reservations/", wish(), **KEY)

    assert (again.status_code, again.json()["code"]) == (201, first["code"])
    assert again["Location"].endswith(f"/reservations/{first['code']}/")
    assert Reservation.objects.count() == 1


@pytest.mark.parametrize("verb", ["confirm", "cancel", "release"])
def test_verb_that_committed_and_died_is_answered_and_not_done_again(people: Cast, verb: str) -> None:
    """Also under If-Match, although the version has moved: it was this call that moved it."""
    alice = people.caller("alice")
    code = alice.post("reservations/", wish(hold_minutes=5)).json()["code"]
    guarded = {**KEY, "If_Match": '"1"'}
    first = alice.post(f"reservations/{code}/{verb}/", **guarded)
    _lose_the_answer(code)
    done = JournalEntry.objects.count()

    with time_machine.travel(MONDAY + timedelta(seconds=ANSWER_SECONDS), tick=False):
        again = alice.post(f"reservations/{code}/{verb}/", **guarded)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["state"] == first.json()["state"]
    assert JournalEntry.objects.count() == done


def test_call_that_committed_is_marked_with_what_it_made(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its own transaction, so that there is no moment between."""
    monkeypatch.setattr("portal.api.idempotent.idempotency.finish", lambda **_: None)
    alice = people.caller("alice")

    quoted = alice.post("quotes/", wish(), Idempotency_Key="quote").json()["id"]
    made = alice.post("tokens/", {"name": "x", "days": 1}, Idempotency_Key="token").json()["id"]
    alice.post("reservations/", wish(), Idempotency_Key="book")
    refused = alice.post("reservations/", wish(13), Idempotency_Key="refused").status_code

    kept = {row.key: (row.status, row.answer) for row in IdempotencyKey.objects.all()}
    assert kept == {
        "quote": (IdempotencyKey.COMMITTED, {"reference": quoted}),
        "token": (IdempotencyKey.COMMITTED, {"reference": made}),
        "book": (IdempotencyKey.RUNNING, None),  # the reservation names the row itself
        "refused": (IdempotencyKey.RUNNING, None),
    }
    assert refused == 409


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("quotes/", wish()),
        ("tokens/", {"name": "nightly", "days": 1}),
        ("alerts/", searched(not_after="2030-05-13T18:00:00Z")),
        ("delegations/", {"to": "bob", "ends_at": "2030-05-20T08:00:00Z"}),
        (ACCOUNTS, {"name": "nightly"}),
        (f"{ACCOUNTS}ci/tokens/", {"name": "nightly", "days": 1}),
    ],
)
def test_what_a_call_made_that_died_is_found_again(
    people: Cast, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, Any]
) -> None:
    alice = people.caller("alice")
    alice.post(ACCOUNTS, {"name": "ci"})
    with monkeypatch.context() as patched:
        patched.setattr("portal.api.idempotent.idempotency.finish", lambda **_: None)
        first = alice.post(path, body, **KEY)
    made = [model.objects.count() for model in MADE]

    with time_machine.travel(MONDAY + timedelta(seconds=ANSWER_SECONDS), tick=False):
        again = alice.post(path, body, **KEY)
        once_more = alice.post(path, body, **KEY)

    assert first.status_code == 201
    assert shown(again) == shown(once_more) == shown(first)
    assert [model.objects.count() for model in MADE] == made


def test_call_that_has_committed_and_may_yet_answer_is_waited_for(people: Cast) -> None:
    alice = people.caller("alice")
    code = alice.post("reservations/", wish(), **KEY).json()["code"]
    IdempotencyKey.objects.update(status=IdempotencyKey.RUNNING, answer=None)

    answers = {}
    for seconds in (0, ANSWER_SECONDS - 1, ANSWER_SECONDS):
        with time_machine.travel(MONDAY + timedelta(seconds=seconds), tick=False):
            answers[seconds] = alice.post("reservations/", wish(), **KEY)

    assert [answers[seconds].status_code for seconds in answers] == [409, 409, 201]
    assert answers[ANSWER_SECONDS].json()["code"] == code


def test_key_in_two_hands_at_once_is_run_by_one(people: Cast) -> None:
    """Whoever takes over a dead call holds it for as long as a call may take."""
    _crash_before_commit(people)
    moment = MONDAY + timedelta(seconds=LOCK_SECONDS)
    call = _call_of(people)

    first = begin(call=call, now=moment)

    assert isinstance(first, Begun)
    with pytest.raises(StillRunning):
        begin(call=call, now=moment + timedelta(seconds=LOCK_SECONDS - 1))


def test_busy_pool_is_not_kept_as_the_answer(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(**_: object) -> None:
        raise Refused([Refusal(code=RefusalCode.POOL_BUSY, field="pool", message="Busy.")])

    alice = people.caller("alice")
    with monkeypatch.context() as patched:
        patched.setattr("portal.api.v1.booking.submit", busy)
        first = alice.post("reservations/", wish(), **KEY)
    again = alice.post("reservations/", wish(), **KEY)

    assert (first.status_code, first.json()["code"], first["Retry-After"]) == (409, "POOL_BUSY", "1")
    assert again.status_code == 201


def test_fault_of_ours_is_not_kept_as_the_answer(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError

    alice = people.caller("alice")
    with monkeypatch.context() as patched:
        patched.setattr("portal.api.v1.booking.submit", broken)
        first = alice.post("reservations/", wish(), **KEY)
    again = alice.post("reservations/", wish(), **KEY)

    assert (first.status_code, again.status_code) == (500, 201)


def test_viewer_who_became_a_member_is_not_refused_again(people: Cast) -> None:
    vera = people.caller("vera")
    first = vera.post("reservations/", wish(), **KEY)
    people.vera.memberships.update(role="member")
    again = vera.post("reservations/", wish(), **KEY)

    assert (first.status_code, again.status_code) == (403, 201)


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "schlüssel"])
def test_key_that_is_none_is_refused(people: Cast, key: str) -> None:
    answer = people.caller("alice").post("reservations/", wish(), Idempotency_Key=key)

    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("Idempotency-Key", "invalid")]


def test_kept_for_48_hours(people: Cast) -> None:
    alice = people.caller("alice")
    body = wish(starts_at="2030-05-20T10:00:00Z", ends_at="2030-05-20T12:00:00Z")
    first = alice.post("reservations/", body, **KEY).json()["code"]

    later = {}
    for seconds in (48 * 3600 - 1, 48 * 3600):
        with time_machine.travel(MONDAY + timedelta(seconds=seconds), tick=False):
            later[seconds] = alice.post("reservations/", body, **KEY).json()["code"]

    assert later[48 * 3600 - 1] == first
    assert later[48 * 3600] != first


def test_old_keys_are_forgotten_and_reservations_stay(people: Cast) -> None:
    people.caller("alice").post("reservations/", wish(), **KEY)

    forgotten = [purge(now=MONDAY + timedelta(hours=hours)) for hours in (47, 49, 50)]

    assert forgotten == [0, 1, 0]
    assert (Reservation.objects.count(), IdempotencyKey.objects.count()) == (1, 0)


def test_old_keys_are_forgotten_a_few_at_a_time(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are as many as the calls of two days: they are never all held at once."""
    monkeypatch.setattr("scheduler.services.purge.KEYS_MAX", 2)
    alice = people.caller("alice")
    for nth in range(5):
        alice.post("quotes/", wish(), Idempotency_Key=f"key-{nth}")

    with CaptureQueriesContext(connection) as ran:
        forgotten = purge(now=MONDAY + timedelta(hours=49))

    keys = 'DELETE FROM "scheduler_idempotencykey"'
    assert (forgotten, IdempotencyKey.objects.count()) == (5, 0)
    assert len([one for one in ran.captured_queries if one["sql"].startswith(keys)]) == 3


def _crash_before_commit(people: Cast) -> object:
    """Take the key as a call does that dies before it has written anything."""
    return begin(call=_call_of(people), now=MONDAY)


def _lose_the_answer(reference: str) -> None:
    """As a crash between commit and answer leaves it."""
    IdempotencyKey.objects.update(status=IdempotencyKey.COMMITTED, answer={"reference": reference}, headers={})


def _call_of(people: Cast) -> Call:
    caller = people.caller("alice")
    with pytest.MonkeyPatch.context() as patched:
        calls: list[Call] = []

        def dies(*, call: Call, now: object) -> None:
            calls.append(call)
            raise KeyboardInterrupt

        patched.setattr("portal.api.idempotent.idempotency.begin", dies)
        with pytest.raises(KeyboardInterrupt):
            caller.post("reservations/", wish(), **KEY)
    return calls[0]
