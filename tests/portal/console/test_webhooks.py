"""Operators look at webhooks without their secrets, and may switch one off."""

import pytest
from django.test import Client
from django.urls import reverse

from scheduler.models import JournalEntry, Webhook
from tests.portal.console.world import build, operator

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.console.urls")]
HIDDEN = ("sealed-new", "sealed-old", "as-good-as-a-password")


@pytest.fixture
def olga() -> Client:
    build(1)
    client = Client()
    client.force_login(operator())
    return client


def test_neither_secrets_nor_the_path_of_an_address_are_shown(olga: Client) -> None:
    hook = Webhook.objects.get()
    pages = [
        olga.get(reverse("admin:scheduler_webhook_changelist")).content.decode(),
        olga.get(reverse("admin:scheduler_webhook_change", args=[hook.pk])).content.decode(),
    ]

    assert [word for page in pages for word in HIDDEN if word in page] == []
    assert ["example.org" in page for page in pages] == [True, True]


def test_one_is_switched_off_with_a_reason(olga: Client) -> None:
    hook = Webhook.objects.get()

    olga.post(
        reverse("admin:scheduler_webhook_changelist"),
        {"action": "switch_off", "_selected_action": hook.pk, "confirmed": "yes", "reason": "It floods the log."},
    )

    hook.refresh_from_db()
    assert hook.disabled_at is not None and hook.disabled_reason == "It floods the log."
    entry = JournalEntry.objects.get(kind="webhook.disabled")
    assert (entry.actor_name, entry.door) == ("olga", "admin")
