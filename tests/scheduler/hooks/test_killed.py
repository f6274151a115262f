"""A worker that is killed between sending and writing: the same message goes out again, under the same id.

All of it is real: beat reads the journal and hints, the worker calls a receiver that is a process, too.
"""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from standardwebhooks.webhooks import Webhook as Receiver

from scheduler.models import Webhook, WebhookDelivery, WebhookTry
from scheduler.services import webhooks
from scheduler.services._webhook_turns import LEASE, LOST
from scheduler.services.webhooks import WebhookWish
from scheduler.services.webhooks_sending import send_due
from scheduler.states import DeliveryState
from scheduler.tasks import utc_now
from tests.journeys.waiting import eventually
from tests.processes import Spawn
from tests.scheduler.hooks.receiving import receiving
from tests.scheduler.services.hooked import ALICE, happened, project

WORKER_SECONDS = 30


@pytest.mark.needs_broker
@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_had_sent_is_sent_again_and_nothing_is_lost(
    spawn_role: Spawn, settings: Settings, tmp_path: Path
) -> None:
    settings.HEDDLE_DATA_DIR = tmp_path
    settings.HEDDLE_WEBHOOK_PRIVATE = [ip_network("127.0.0.0/8")]
    with receiving() as receiver:
        chat = project()
        wish = WebhookWish(url=f"{receiver.url}/hang", kinds=("member.*",))
        hook = webhooks.make(project=chat, wish=wish, by=ALICE, now=utc_now())
        happened(chat, "first")
        happened(chat, "second")
        own = {"HEDDLE_WEBHOOK_PRIVATE": "127.0.0.0/8", "HEDDLE_DATA_DIR": str(tmp_path)}
        worker, beat = spawn_role("worker", **own), spawn_role("beat", **own)

        eventually(
            lambda: len(receiver.seen()) == 1,
            seconds=WORKER_SECONDS,
            what="beat reads and the worker sends",
        )
        worker.kill()
        beat.kill()
        receiver.open()  # from now on it answers at once
        while_leased = send_due(webhook_id=hook.pk, clock=utc_now)
        later = utc_now() + LEASE + timedelta(seconds=1)
        sent = send_due(webhook_id=hook.pk, clock=lambda: later)

        seen = receiver.seen()

    first, second = WebhookDelivery.objects.order_by("id").values_list("message_id", flat=True)
    assert (while_leased, sent) == (0, 2)
    assert [one["headers"]["webhook-id"] for one in seen] == [first, first, second]
    assert seen[0]["body"] == seen[1]["body"]
    told = Receiver(webhooks.secret_to_show(hook=hook)).verify(seen[0]["body"], seen[0]["headers"])
    assert told["data"]["message"] == "first"
    states = WebhookDelivery.objects.order_by("id").values_list("state", "tries")
    assert list(states) == [(DeliveryState.DELIVERED, 2), (DeliveryState.DELIVERED, 1)]
    log = WebhookTry.objects.order_by("id").values_list("status", "error")
    assert list(log) == [(None, LOST), (200, ""), (200, "")]
    assert Webhook.objects.get().failing_since is None
