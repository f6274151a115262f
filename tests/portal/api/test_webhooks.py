"""Webhooks for programs: made with a secret that is shown once, changed, tested, looked into, sent again."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from standardwebhooks.webhooks import Webhook as Receiver

from scheduler.models import IdempotencyKey, JournalEntry, Webhook, WebhookDelivery, WebhookTry
from scheduler.requests import Actor
from scheduler.services import webhooks
from scheduler.services.webhooks_sending import send_due
from scheduler.states import DeliveryState
from tests.portal.cast import MONDAY, Caller, Cast
from tests.scheduler.services.hooked import BAD, Address, Clock, queued

URL = "https://hooks.example.org/T00/as-good-as-a-password"
CHAT = "projects/team-chat/webhooks/"


@pytest.fixture
def alice(people: Cast) -> Caller:
    return people.caller("alice")


def made(caller: Caller, where: str = CHAT, **more: Any) -> dict[str, Any]:
    answer = caller.post(where, {"url": URL, **more})
    assert answer.status_code == 201
    return dict(answer.json())


def problems(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 400
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


def test_made_with_a_secret_that_is_shown_once_and_kept_nowhere_in_the_clear(alice: Caller) -> None:
    answer = alice.post(CHAT, {"url": URL, "description": "To the build", "kinds": ["step.*", "reservation.active"]})

    one = answer.json()
    secret = one.pop("secret")
    code = one["code"]
    assert one == {
        "code": code,
        "project": "team-chat",
        "url": URL,
        "description": "To the build",
        "kinds": ["reservation.active", "step.*"],
        "enabled": True,
        "disabled_at": None,
        "disabled_reason": "",
        "failing_since": None,
        "old_secret_until": None,
        "created_by": "alice",
        "created_at": "2030-05-13T08:00:00Z",
        "updated_at": "2030-05-13T08:00:00Z",
    }
    assert answer.headers["Location"] == f"http://testserver/api/v1/webhooks/{code}/"
    assert alice.get(f"webhooks/{code}/").json() == one
    assert alice.get(CHAT).json() == {"results": [one], "next": None}
    row = Webhook.objects.values().get()
    assert secret.startswith("whsec_") and secret not in str(row) and secret[6:] not in str(row)
    entry = JournalEntry.objects.values().get(kind="webhook.made")
    assert entry["message"] == f"The webhook {code} to hooks.example.org was made."
    assert "as-good-as-a-password" not in str(entry)


def test_the_same_call_under_its_key_makes_one_and_shows_the_same_secret(alice: Caller) -> None:
    first, second = (alice.post(CHAT, {"url": URL}, Idempotency_Key="k") for _ in range(2))

    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["Location"] == first.headers["Location"]
    assert Webhook.objects.count() == 1
    assert first.json()["secret"] not in str(IdempotencyKey.objects.values().get())


def test_a_call_that_died_before_its_answer_made_one_all_the_same(alice: Caller) -> None:
    first = alice.post(CHAT, {"url": URL}, Idempotency_Key="k").json()
    IdempotencyKey.objects.update(
        status=IdempotencyKey.COMMITTED, answer={"reference": first["code"]}, locked_until=MONDAY
    )

    second = alice.post(CHAT, {"url": URL}, Idempotency_Key="k")

    assert (second.status_code, second.json(), Webhook.objects.count()) == (201, first, 1)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, [("url", "required")]),
        ({"url": ""}, [("url", "required")]),
        ({"url": 5}, [("url", "invalid")]),
        ({"url": "ftp://example.org"}, [("url", "invalid")]),
        ({"url": "http://127.0.0.1/"}, [("url", "invalid")]),
        ({"url": f"https://example.org/{'a' * 500}"}, [("url", "too_long")]),
        ({"url": URL, "kinds": "reservation.active"}, [("kinds", "invalid")]),
        ({"url": URL, "kinds": ["step.*", "no.such", 5]}, [("kinds[1]", "unknown"), ("kinds[2]", "unknown")]),
        ({"url": URL, "kinds": ["reservation.active"] * 101}, [("kinds", "too_long")]),
        ({"url": URL, "description": "x" * 121}, [("description", "too_long")]),
        ({"url": URL, "description": None}, [("description", "invalid")]),
        ({"url": URL, "enabled": True}, [("enabled", "unknown")]),
        ({"url": URL, "secret": "whsec_mine"}, [("secret", "unknown")]),
        ([], [("body", "invalid")]),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(alice: Caller, body: Any, wrong: list[tuple[str, str]]) -> None:
    assert problems(alice.post(CHAT, body)) == wrong
    assert Webhook.objects.count() == 0


def test_no_more_than_a_project_may_have(alice: Caller, people: Cast) -> None:
    for _ in range(10):
        webhooks.make(project=people.chat, wish=webhooks.WebhookWish(url=URL), by=Actor(name="test"), now=MONDAY)

    assert problems(alice.post(CHAT, {"url": URL})) == [("url", "too_many")]


def test_changed_in_what_is_given_and_switched_off_and_on(alice: Caller) -> None:
    code = made(alice, kinds=["step.*"])["code"]

    off = alice.patch(f"webhooks/{code}/", {"description": "New", "enabled": False}).json()
    on = alice.patch(f"webhooks/{code}/", {"enabled": True, "kinds": []}).json()

    assert (off["description"], off["kinds"], off["enabled"], off["disabled_reason"]) == (
        "New",
        ["step.*"],
        False,
        "alice switched it off.",
    )
    assert (on["description"], on["kinds"], on["enabled"], on["disabled_at"]) == ("New", [], True, None)
    kinds = JournalEntry.objects.filter(reference=code).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == [
        "webhook.made",
        "webhook.changed",
        "webhook.disabled",
        "webhook.changed",
        "webhook.enabled",
    ]


def test_a_change_without_a_difference_writes_nothing(alice: Caller) -> None:
    code = made(alice)["code"]
    before = JournalEntry.objects.count()

    assert alice.patch(f"webhooks/{code}/", {"url": URL, "enabled": True}).status_code == 200
    assert alice.patch(f"webhooks/{code}/", {}).status_code == 200
    assert JournalEntry.objects.count() == before


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"enabled": "yes"}, [("enabled", "invalid")]),
        ({"enabled": None}, [("enabled", "invalid")]),
        ({"url": None}, [("url", "invalid")]),
        ({"code": "wh-mine"}, [("code", "unknown")]),
    ],
)
def test_a_change_is_read_as_strictly(alice: Caller, body: Any, wrong: list[tuple[str, str]]) -> None:
    code = made(alice)["code"]

    assert problems(alice.patch(f"webhooks/{code}/", body)) == wrong


def test_another_secret_and_the_old_one_beside_it_for_a_day(alice: Caller) -> None:
    first = made(alice)

    second = alice.post(f"webhooks/{first['code']}/rotate/").json()

    assert second["old_secret_until"] == "2030-05-14T08:00:00Z"
    assert second["secret"].startswith("whsec_") and second["secret"] != first["secret"]


def test_a_test_is_sent_and_found_in_the_log(alice: Caller) -> None:
    new = made(alice)
    sent = alice.post(f"webhooks/{new['code']}/test/")
    address = Address()
    send_due(webhook_id=Webhook.objects.get().pk, clock=Clock(MONDAY), post=address)

    log = alice.get(f"webhooks/{new['code']}/deliveries/").json()

    assert (sent.status_code, sent.json()["state"], sent.json()["type"]) == (201, "pending", "webhook.test")
    assert log["results"] == [
        {
            "id": sent.json()["id"],
            "type": "webhook.test",
            "event": None,
            "state": "delivered",
            "tries": 1,
            "due_at": None,
            "created_at": "2030-05-13T08:00:00Z",
            "finished_at": "2030-05-13T08:00:00Z",
            "replay_of": None,
            "attempts": [{"at": "2030-05-13T08:00:00Z", "status": 200, "milliseconds": 12, "error": ""}],
        }
    ]
    read = Receiver(new["secret"]).verify(address.got[0][1], dict(address.headers[0]))
    assert read["data"]["webhook"] == new["code"]


def test_what_failed_is_sent_again_as_a_new_message_of_the_same_body(alice: Caller, people: Cast) -> None:
    code = made(alice)["code"]
    hook = Webhook.objects.get()
    first = queued(hook, "x", now=MONDAY)
    WebhookDelivery.objects.update(state=DeliveryState.FAILED, due_at=None)

    again, twice = (alice.post(f"webhooks/{code}/deliveries/{first.message_id}/replay/") for _ in range(2))

    assert (again.status_code, again.json()["replay_of"]) == (201, first.message_id)
    assert twice.json()["id"] == again.json()["id"]
    bodies = [
        alice.get(f"webhooks/{code}/deliveries/{one}/").json()["body"] for one in (first.message_id, again.json()["id"])
    ]
    assert bodies[0] == bodies[1]
    failed = alice.get(f"webhooks/{code}/deliveries/?state=failed").json()["results"]
    assert [one["id"] for one in failed] == [first.message_id]


def test_the_log_is_paged_newest_first(alice: Caller) -> None:
    code = made(alice)["code"]
    hook = Webhook.objects.get()
    ids = [queued(hook, f"{nth}", now=MONDAY).message_id for nth in range(3)]

    first = alice.get(f"webhooks/{code}/deliveries/?limit=2").json()
    second = alice.get(first["next"]).json()

    assert [one["id"] for one in (*first["results"], *second["results"])] == ids[::-1]
    assert second["next"] is None
    assert problems(alice.get(f"webhooks/{code}/deliveries/?state=lost")) == [("state", "unknown")]


def test_one_that_is_off_is_neither_tested_nor_replayed(alice: Caller) -> None:
    code = made(alice)["code"]
    message_id = queued(Webhook.objects.get(), "x", now=MONDAY).message_id
    alice.patch(f"webhooks/{code}/", {"enabled": False})

    answers = [
        alice.post(f"webhooks/{code}/test/"),
        alice.post(f"webhooks/{code}/deliveries/{message_id}/replay/"),
    ]

    assert [(one.status_code, one.json()["code"], one.json()["detail"]) for one in answers] == [
        (409, "WRONG_STATE", "The webhook is switched off. Switch it on first.")
    ] * 2


def test_removed_with_its_log_and_others_are_left_alone(alice: Caller) -> None:
    gone, kept = made(alice)["code"], made(alice)["code"]
    queued(Webhook.objects.get(code=gone), "x", now=MONDAY)
    send_due(webhook_id=Webhook.objects.get(code=gone).pk, clock=Clock(MONDAY), post=Address([BAD]))

    assert alice.delete(f"webhooks/{gone}/").status_code == 204

    assert alice.delete(f"webhooks/{gone}/").status_code == 404
    assert (WebhookDelivery.objects.count(), WebhookTry.objects.count()) == (0, 0)
    assert [one["code"] for one in alice.get(CHAT).json()["results"]] == [kept]


def test_a_message_of_another_webhook_is_not_there(alice: Caller) -> None:
    one, other = made(alice)["code"], made(alice)["code"]
    message_id = queued(Webhook.objects.get(code=other), "x", now=MONDAY).message_id

    assert alice.get(f"webhooks/{one}/deliveries/{message_id}/").status_code == 404
    assert alice.post(f"webhooks/{one}/deliveries/{message_id}/replay/").status_code == 404


def test_the_operators_own_are_theirs_alone(people: Cast) -> None:
    olga, alice = people.caller("olga"), people.caller("alice")
    code = made(olga, "webhooks/")["code"]

    assert [one["project"] for one in olga.get("webhooks/").json()["results"]] == [None]
    for way in ("", "rotate/", "test/", "deliveries/"):
        assert alice.get(f"webhooks/{code}/{way}").status_code == (405 if way in ("rotate/", "test/") else 404)
    assert alice.delete(f"webhooks/{code}/").status_code == 404
    assert people.caller("olga", project="team-chat").get(f"webhooks/{code}/").status_code == 403
    assert olga.delete(f"webhooks/{code}/").status_code == 204


def test_who_leads_no_more_manages_no_more(alice: Caller, people: Cast) -> None:
    code = made(alice)["code"]
    people.chat.memberships.filter(user=people.alice).update(role="member")

    assert (alice.get(f"webhooks/{code}/").status_code, alice.get(CHAT).status_code) == (403, 403)


def test_lists_ask_the_same_for_one_and_for_three(alice: Caller) -> None:
    code = made(alice)["code"]
    hook = Webhook.objects.get()

    def asked(path: str) -> int:
        alice.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert alice.get(path).status_code == 200
        return len(captured)

    counts = []
    for more in (1, 2):
        for _ in range(more):
            queued(hook, "x", now=MONDAY)
            send_due(webhook_id=hook.pk, clock=Clock(MONDAY), post=Address())
        counts.append((asked(CHAT), asked(f"webhooks/{code}/deliveries/")))
        made(alice), made(alice)

    assert counts[0] == counts[1]
