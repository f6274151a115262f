"""Sending: in order, at least once, with a longer wait after each try."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import Settings
from standardwebhooks.webhooks import Webhook as Receiver
from time_machine import travel

from scheduler.hooks.calling import Outcome
from scheduler.models import Notice, Project, Webhook, WebhookDelivery, WebhookTry
from scheduler.services import _webhook_turns, webhooks, webhooks_log
from scheduler.services._webhook_turns import LEASE, LOST, due_webhooks, take
from scheduler.services.webhooks_sending import NO_SECRET, send_due, written
from scheduler.states import DeliveryState
from tests.scheduler.services.hooked import (
    ALICE,
    BAD,
    NOON,
    OK,
    SILENT,
    Address,
    Clock,
    hook,
    project,
    queued,
)

pytestmark = pytest.mark.django_db
D = DeliveryState


@pytest.fixture(autouse=True)
def _keys(settings: Settings, tmp_path: Path) -> None:
    settings.HEDDLE_DATA_DIR = tmp_path


@pytest.fixture
def chat() -> Project:
    return project(leads=("alice", "anna"), members=("bob",))


def waiting(of: Project, count: int) -> Webhook:
    """A webhook with as many messages that are due."""
    made = hook(of)
    for nth in range(count):
        queued(made, f"{nth}")
    return made


def states() -> list[tuple[str, int]]:
    return list(WebhookDelivery.objects.order_by("id").values_list("state", "tries"))


def log() -> list[tuple[int | None, str]]:
    return list(WebhookTry.objects.order_by("id").values_list("status", "error"))


def test_everything_due_is_sent_in_order_and_read_by_the_library(chat: Project) -> None:
    one, address, clock = waiting(chat, 3), Address(), Clock()

    assert send_due(webhook_id=one.pk, clock=clock, post=address) == 3

    ids = list(WebhookDelivery.objects.order_by("entry_id").values_list("message_id", flat=True))
    assert (address.ids, states()) == (ids, [(D.DELIVERED, 1)] * 3)
    receiver = Receiver(webhooks.secret_to_show(hook=one))
    with travel(NOON, tick=False):
        read = [
            receiver.verify(body, dict(headers))["data"]["message"]
            for (_, body), headers in zip(address.got, address.headers, strict=True)
        ]
    assert read == ["0", "1", "2"]


def test_both_secrets_sign_for_a_day_after_a_rotation(chat: Project) -> None:
    one, address, clock = waiting(chat, 1), Address([BAD, BAD]), Clock()
    old = webhooks.secret_to_show(hook=one)
    webhooks.rotate(hook=one, by=ALICE, now=NOON)
    new = webhooks.secret_to_show(hook=one)
    send_due(webhook_id=one.pk, clock=clock, post=address)
    clock.pass_(hours=24)
    send_due(webhook_id=one.pk, clock=clock, post=address)

    counts = [len(headers["webhook-signature"].split(" ")) for headers in address.headers]
    assert (old != new, counts) == (True, [2, 1])
    with travel(NOON, tick=False):
        for secret in (old, new):
            Receiver(secret).verify(address.got[0][1], dict(address.headers[0]))


def test_a_message_that_is_not_taken_waits_longer_each_time_and_holds_back_those_behind_it(chat: Project) -> None:
    one, address, clock = waiting(chat, 2), Address([SILENT, BAD]), Clock()
    sent = [send_due(webhook_id=one.pk, clock=clock, post=address)]
    due = [WebhookDelivery.objects.order_by("id").values_list("due_at", flat=True)[0]]
    clock.pass_(seconds=3.9)
    sent += [send_due(webhook_id=one.pk, clock=clock, post=address)]  # 5 s less a fifth are not over
    clock.pass_(seconds=1.2)
    sent += [send_due(webhook_id=one.pk, clock=clock, post=address)]
    clock.pass_(seconds=30)
    sent += [send_due(webhook_id=one.pk, clock=clock, post=address)]

    assert due[0] is not None and timedelta(seconds=4) <= due[0] - NOON <= timedelta(seconds=5)
    first, second = WebhookDelivery.objects.order_by("id").values_list("message_id", flat=True)
    assert (sent, address.ids) == ([1, 0, 1, 2], [first, first, first, second])
    assert (states(), log()) == (
        [(D.DELIVERED, 3), (D.DELIVERED, 1)],
        [(None, "No answer within 10 s."), (503, ""), (200, ""), (200, "")],
    )


def test_after_five_tries_it_steps_aside_and_after_eleven_it_has_failed(chat: Project) -> None:
    one, clock = waiting(chat, 2), Clock()
    poison, other = WebhookDelivery.objects.order_by("id").values_list("message_id", flat=True)

    class Picky(Address):
        def __call__(self, *, url: str, headers: Any, body: bytes) -> Outcome:
            super().__call__(url=url, headers=headers, body=body)
            return BAD if headers["webhook-id"] == poison else OK

    address = Picky()
    for _ in range(12):
        send_due(webhook_id=one.pk, clock=clock, post=address)
        clock.pass_(hours=8, seconds=1)

    assert address.ids == [poison] * 5 + [other] + [poison] * 6
    assert states() == [(D.FAILED, 11), (D.DELIVERED, 1)]
    assert due_webhooks(now=clock.now) == []


def test_one_who_waits_for_its_time_is_nobody_s_turn(chat: Project) -> None:
    """Else workers would be hinted each second for those behind it."""
    one, clock = waiting(chat, 2), Clock()
    before = due_webhooks(now=clock.now)
    send_due(webhook_id=one.pk, clock=clock, post=Address([BAD]))

    assert (before, due_webhooks(now=clock.now)) == ([one.pk], [])
    assert due_webhooks(now=clock.now + timedelta(seconds=5)) == [one.pk]
    assert due_webhooks(now=clock.now + timedelta(seconds=8), late=timedelta(seconds=5)) == []
    assert due_webhooks(now=clock.now + timedelta(seconds=10), late=timedelta(seconds=5)) == [one.pk]


def test_those_who_wait_for_their_time_keep_nobody_from_a_turn(chat: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_webhook_turns, "WEBHOOKS_MAX", 1)
    waits, other, clock = waiting(chat, 2), waiting(chat, 2), Clock()
    send_due(webhook_id=waits.pk, clock=clock, post=Address([BAD]))

    assert due_webhooks(now=clock.now) == [other.pk]


def test_who_has_waited_longest_comes_first(chat: Project) -> None:
    later, sooner = hook(chat), hook(chat)
    queued(later, "later", now=NOON)
    queued(sooner, "sooner", now=NOON - timedelta(seconds=1))

    assert due_webhooks(now=NOON) == [sooner.pk, later.pk]


def test_a_replay_has_its_turn_though_the_first_in_order_waits_for_its_time(chat: Project) -> None:
    one, clock = waiting(chat, 1), Clock()
    send_due(webhook_id=one.pk, clock=clock, post=Address())
    queued(one, "stuck")
    send_due(webhook_id=one.pk, clock=clock, post=Address([BAD]))
    before = due_webhooks(now=clock.now)
    webhooks_log.replay(delivery=WebhookDelivery.objects.earliest("id"), now=clock.now)

    assert (before, due_webhooks(now=clock.now)) == ([], [one.pk])


def test_a_lease_keeps_others_away_until_it_runs_out_and_then_nothing_is_lost(chat: Project) -> None:
    """The first process is killed after it sent and before it wrote: the same message goes out again."""
    one, clock = waiting(chat, 2), Clock()
    killed = take(webhook_id=one.pk, now=clock.now)
    assert killed is not None
    sent = [killed.delivery.message_id]
    address = Address()
    during = send_due(webhook_id=one.pk, clock=clock, post=address), due_webhooks(now=clock.now)
    clock.pass_(seconds=LEASE.total_seconds() + 1)

    assert due_webhooks(now=clock.now) == [one.pk]
    after = send_due(webhook_id=one.pk, clock=clock, post=address)

    assert (during, after) == ((0, []), 2)
    assert address.ids[0] == sent[0]
    assert (states(), log()) == ([(D.DELIVERED, 2), (D.DELIVERED, 1)], [(None, LOST), (200, ""), (200, "")])
    assert WebhookTry.objects.order_by("id").values_list("at", flat=True)[0] == NOON


def test_who_was_overtaken_puts_nothing_off_but_a_late_success_counts(chat: Project) -> None:
    one, clock = waiting(chat, 1), Clock()
    slow = take(webhook_id=one.pk, now=clock.now)
    clock.pass_(seconds=LEASE.total_seconds() + 1)
    quick = take(webhook_id=one.pk, now=clock.now)
    assert slow is not None and quick is not None

    written(taken=slow, outcome=BAD, began=NOON, now=clock.now, chance=0.0)
    due, lease = WebhookDelivery.objects.values_list("due_at", "leased_until").get()
    written(taken=slow, outcome=OK, began=NOON, now=clock.now, chance=0.0)
    written(taken=quick, outcome=BAD, began=clock.now, now=clock.now, chance=0.0)

    assert (due, lease) == (NOON, clock.now + LEASE)
    assert states() == [(D.DELIVERED, 2)]


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_sends(chat: Project) -> None:
    one = waiting(chat, 1)
    barrier = threading.Barrier(2)
    taken: list[bool] = []

    def work() -> None:
        try:
            barrier.wait(10)
            taken.append(take(webhook_id=one.pk, now=NOON) is not None)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == [False, True]
    assert WebhookDelivery.objects.get().tries == 1


def test_a_test_says_so_is_tried_once_and_counts_for_nothing_when_it_fails(chat: Project) -> None:
    one = hook(chat)
    webhooks_log.send_test(hook=one, now=NOON)

    send_due(webhook_id=one.pk, clock=Clock(), post=Address([BAD]))

    one.refresh_from_db()
    assert (states(), one.failing_since) == ([(D.FAILED, 1)], None)


def test_a_replay_is_the_same_body_under_a_new_id_and_does_not_wait_in_turn(chat: Project) -> None:
    one, address, clock = waiting(chat, 1), Address(), Clock()
    send_due(webhook_id=one.pk, clock=clock, post=address)
    first = WebhookDelivery.objects.get()
    queued(one, "stuck")
    address.answers = [BAD]
    send_due(webhook_id=one.pk, clock=clock, post=address)

    again = webhooks_log.replay(delivery=first, now=NOON)
    twice = webhooks_log.replay(delivery=first, now=NOON)
    send_due(webhook_id=one.pk, clock=clock, post=address)
    of_a_replay = webhooks_log.replay(delivery=again, now=NOON)

    assert (twice.pk, of_a_replay.replay_of_id) == (again.pk, first.pk)
    assert address.got[-1] == (again.message_id, first.body)
    assert again.message_id != first.message_id


def test_one_that_is_off_sends_nothing_and_is_neither_tested_nor_replayed(chat: Project) -> None:
    one, address = waiting(chat, 1), Address()
    webhooks.disable(hook=one, by=ALICE, now=NOON)

    sent = send_due(webhook_id=one.pk, clock=Clock(), post=address)

    assert (sent, address.got, states(), due_webhooks(now=NOON)) == (0, [], [(D.FAILED, 0)], [])
    delivery = WebhookDelivery.objects.get()
    for refused in (
        lambda: webhooks_log.send_test(hook=one, now=NOON),
        lambda: webhooks_log.replay(delivery=delivery, now=NOON),
    ):
        with pytest.raises(webhooks_log.SwitchedOff):
            refused()
    assert Notice.objects.count() == 0  # somebody did it on purpose


def test_a_secret_that_no_key_opens_is_told_and_nothing_is_sent(
    chat: Project, settings: Settings, tmp_path: Path
) -> None:
    one, address = waiting(chat, 1), Address()
    settings.HEDDLE_DATA_DIR = tmp_path / "other"

    send_due(webhook_id=one.pk, clock=Clock(), post=address)

    assert (address.got, log()) == ([], [(None, NO_SECRET)])

    webhooks.rotate(hook=one, by=ALICE, now=NOON)
    send_due(webhook_id=one.pk, clock=Clock(NOON + timedelta(minutes=1)), post=address)
    assert len(address.headers[0]["webhook-signature"].split(" ")) == 1


def test_removed_while_it_is_sent_to(chat: Project) -> None:
    one = waiting(chat, 1)
    taken = take(webhook_id=one.pk, now=NOON)
    assert taken is not None
    webhooks.remove(hook=one, by=ALICE, now=NOON)

    written(taken=taken, outcome=OK, began=NOON, now=NOON, chance=0.0)

    assert (WebhookDelivery.objects.count(), WebhookTry.objects.count()) == (0, 0)


def test_the_log_is_forgotten_after_its_days_but_what_was_sent_again_stays_with_it(chat: Project) -> None:
    one, clock = waiting(chat, 2), Clock()
    send_due(webhook_id=one.pk, clock=clock, post=Address())
    first, _ = WebhookDelivery.objects.order_by("id")
    clock.pass_(days=20)
    again = webhooks_log.replay(delivery=first, now=clock.now)
    send_due(webhook_id=one.pk, clock=clock, post=Address())
    clock.pass_(days=11)
    webhooks_log.forget_old(now=clock.now)
    kept = set(WebhookDelivery.objects.values_list("pk", flat=True))
    clock.pass_(days=20)
    webhooks_log.forget_old(now=clock.now)
    webhooks_log.forget_old(now=clock.now)

    assert (kept, WebhookDelivery.objects.count(), WebhookTry.objects.count()) == ({first.pk, again.pk}, 0, 0)
