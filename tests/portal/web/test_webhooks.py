"""Webhooks on pages: what a lead makes, changes and looks into there is what a program does; and who is told."""

from typing import Any

import pytest
from django.test import Client

from scheduler.models import Notice, Webhook, WebhookDelivery
from scheduler.services import webhooks
from scheduler.services.webhooks_log import send_test
from scheduler.services.webhooks_sending import send_due
from scheduler.states import DeliveryState
from tests.portal.cast import MONDAY, Cast
from tests.scheduler.services.hooked import BAD, GONE, Address, Clock, queued

URL = "https://hooks.example.org/in"
LIST = "/projects/team-chat/webhooks/"


@pytest.fixture
def alice(people: Cast) -> Client:
    return people.browser("alice")


@pytest.fixture
def hook(alice: Client) -> Webhook:
    alice.post(LIST, {"url": URL, "description": "To the build"})
    return Webhook.objects.get()


def test_made_in_the_portal_its_secret_is_shown_in_the_answer_and_never_again(alice: Client) -> None:
    page = alice.post(LIST, {"url": URL, "kinds": ["reservation.*", "step.done"]})

    one = Webhook.objects.get()
    secret = webhooks.secret_to_show(hook=one)
    assert (page.status_code, one.kinds) == (200, ["reservation.*", "step.done"])
    assert secret in page.content.decode()
    assert page.headers["Cache-Control"].split(", ")[-1] == "private"
    for path in (LIST, f"/webhooks/{one.code}/", "/journal/"):
        assert secret not in alice.get(path).content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        {"url": "", "description": "", "kinds": []},
        {"url": "http://10.0.0.1/", "description": "", "kinds": []},
        {"url": "https://a:b@example.org/", "description": "", "kinds": []},
        {"url": URL, "description": "<b>x</b>", "kinds": []},
        {"url": URL, "description": "x" * 121, "kinds": ["nothing.such"]},
    ],
)
def test_the_form_refuses_what_the_api_refuses_in_the_same_words(people: Cast, typed: dict[str, Any]) -> None:
    page = people.browser("alice").post(LIST, typed)
    answer = people.caller("alice").post("projects/team-chat/webhooks/", typed)

    told = {error["field"].partition("[")[0]: error["message"] for error in answer.json()["errors"]}
    assert (page.status_code, answer.status_code) == (400, 400)
    assert page.context["form"]["errors"] == told
    assert (page.context["form"]["url"], page.context["form"]["description"]) == (typed["url"], typed["description"])
    assert Webhook.objects.count() == 0


def test_changed_switched_off_and_on_and_removed(alice: Client, hook: Webhook) -> None:
    at = f"/webhooks/{hook.code}/"

    alice.post(at, {"url": f"{URL}/new", "description": "", "kinds": ["member.*"]})
    hook.refresh_from_db()
    changed = (hook.url, hook.description, hook.kinds)
    alice.post(f"{at}switch/", {"enabled": "0"})
    off = alice.get(at).content.decode()
    alice.post(f"{at}switch/", {"enabled": "1"})
    hook.refresh_from_db()
    is_on = hook.disabled_at is None
    removed = alice.post(f"{at}remove/")

    assert changed == (f"{URL}/new", "", ["member.*"])
    assert "alice switched it off." in off and "Send a test" not in off
    assert (is_on, removed.headers["Location"], Webhook.objects.count()) == (True, LIST, 0)


def test_what_was_typed_stays_when_a_change_is_refused(alice: Client, hook: Webhook) -> None:
    page = alice.post(f"/webhooks/{hook.code}/", {"url": "ftp://x", "description": "New"})

    assert page.status_code == 400
    assert (page.context["form"]["url"], page.context["form"]["description"]) == ("ftp://x", "New")


def test_a_new_secret_is_shown_once(alice: Client, hook: Webhook) -> None:
    before = webhooks.secret_to_show(hook=hook)

    page = alice.post(f"/webhooks/{hook.code}/rotate/").content.decode()

    hook.refresh_from_db()
    after = webhooks.secret_to_show(hook=hook)
    assert after != before
    assert (after in page, before in page) == (True, False)


def test_a_test_its_tries_and_sending_it_again(alice: Client, hook: Webhook) -> None:
    at = f"/webhooks/{hook.code}/"
    alice.post(f"{at}test/")
    send_due(webhook_id=hook.pk, clock=Clock(MONDAY), post=Address([BAD]))
    message = WebhookDelivery.objects.get()

    log, page = alice.get(at), alice.get(f"{at}deliveries/{message.message_id}/")
    again = alice.post(f"{at}deliveries/{message.message_id}/replay/")

    [line] = log.context["messages_sent"]
    assert (line.id, line.tries, line.last, line.pill.label) == (message.message_id, "1 try", "Answered 503", "Failed")
    assert [one.words for one in page.context["tries"]] == ["Answered 503"]
    assert "This is a test. Nothing has happened." in page.content.decode()
    newest = WebhookDelivery.objects.order_by("-id")[0]
    assert again.headers["Location"] == f"{at}deliveries/{newest.message_id}/"
    assert newest.replay_of_id == message.pk


def test_the_log_is_narrowed_by_state_and_looked_at_again_while_something_waits(alice: Client, hook: Webhook) -> None:
    queued(hook, "x", now=MONDAY)
    send_test(hook=hook, now=MONDAY)
    WebhookDelivery.objects.filter(entry=None).update(state=DeliveryState.FAILED, due_at=None)

    failed = alice.get(f"/webhooks/{hook.code}/?state=failed")
    part = alice.get(f"/webhooks/{hook.code}/", headers={"HX-Request": "true", "HX-Target": "log"}).content.decode()

    assert [line.kind for line in failed.context["messages_sent"]] == ["webhook.test"]
    assert part.lstrip().startswith('<section class="card" id="log"') and "every 3s" in part


def test_leads_read_in_their_notices_that_it_was_switched_off_and_where(
    people: Cast, alice: Client, hook: Webhook
) -> None:
    queued(hook, "x", now=MONDAY)

    send_due(webhook_id=hook.pk, clock=Clock(MONDAY), post=Address([GONE]))

    page = alice.get("/notices/?topic=trouble").content.decode()
    assert list(Notice.objects.values_list("user__username", flat=True)) == ["alice"]
    assert f'href="/webhooks/{hook.code}/"' in page
    assert "The address answered that it is gone (410)." in page
    assert f"Webhook {hook.code}" in page


def test_only_leads_find_the_way_there(people: Cast) -> None:
    pages = {name: people.browser(name).get("/projects/team-chat/").content.decode() for name in ("alice", "bob")}

    assert {name: LIST in page for name, page in pages.items()} == {"alice": True, "bob": False}
