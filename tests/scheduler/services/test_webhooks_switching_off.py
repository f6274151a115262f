"""Switching an address off: at once where it is gone, or when it has taken nothing for days."""

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from scheduler.journal_kinds import JournalKind
from scheduler.models import JournalEntry, Notice, Project, Webhook, WebhookDelivery
from scheduler.services.webhooks_sending import send_due
from scheduler.states import DeliveryState
from tests.scheduler.services.hooked import BAD, GONE, NOON, Address, Clock, hook, project, queued

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


def test_gone_switches_off_at_once_and_its_leads_are_told(chat: Project) -> None:
    one = waiting(chat, 2)

    send_due(webhook_id=one.pk, clock=Clock(), post=Address([GONE]))

    one.refresh_from_db()
    assert (one.disabled_at, one.disabled_reason) == (NOON, "The address answered that it is gone (410).")
    assert states() == [(D.FAILED, 1), (D.FAILED, 0)]
    entry = JournalEntry.objects.get(kind=JournalKind.WEBHOOK_DISABLED)
    assert (entry.message, entry.reference, entry.actor_name) == (
        f"The webhook {one.code} to example.org was switched off. The address answered that it is gone (410).",
        one.code,
        "heddle",
    )
    notices = Notice.objects.order_by("user__username").values_list("user__username", "reservation", "entry")
    assert list(notices) == [("alice", None, entry.pk), ("anna", None, entry.pk)]


def test_days_without_a_success_switch_it_off_and_one_success_begins_them_anew(chat: Project) -> None:
    one, clock = waiting(chat, 1), Clock()
    address = Address([BAD])
    send_due(webhook_id=one.pk, clock=clock, post=address)
    clock.pass_(days=4, hours=23)
    send_due(webhook_id=one.pk, clock=clock, post=address)  # taken
    after_success = Webhook.objects.values_list("failing_since", flat=True).get()
    queued(one, "another", now=clock.now)
    for _ in range(11):  # all its tries
        address.answers = [BAD]
        send_due(webhook_id=one.pk, clock=clock, post=address)
        clock.pass_(hours=12)

    one.refresh_from_db()
    assert after_success is None
    assert (one.disabled_reason, one.disabled_at) == (
        "It has taken nothing for 5 days.",
        NOON + timedelta(days=9, hours=23),
    )


def test_a_quiet_one_is_not_switched_off_before_its_new_message_has_had_all_its_tries(chat: Project) -> None:
    """Nothing was sent for months, so nothing could be taken: that says nothing about the address."""
    one, clock = waiting(chat, 1), Clock()
    for _ in range(11):
        send_due(webhook_id=one.pk, clock=clock, post=Address([BAD]))
        clock.pass_(hours=9)
    clock.pass_(days=90)
    queued(one, "new", now=clock.now)
    was_off = []
    for _ in range(11):
        send_due(webhook_id=one.pk, clock=clock, post=Address([BAD]))
        clock.pass_(hours=9)
        was_off.append(Webhook.objects.filter(disabled_at__isnull=False).exists())

    assert was_off == [False] * 10 + [True]
    assert states() == [(D.FAILED, 11)] * 2
