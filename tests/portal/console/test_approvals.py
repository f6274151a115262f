"""Rules of consent are kept in the console, and every change of one is in the journal."""

import pytest
from django.test import Client
from django.urls import reverse

from scheduler.models import ApprovalRule, JournalEntry
from tests.portal.console.world import build, operator

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.console.urls")]
RULE = {"devices_over": "8", "hours_over": "24", "route": "operator", "decide_minutes": "120", "is_enabled": "on"}


@pytest.fixture
def olga() -> Client:
    build(1)
    client = Client()
    client.force_login(operator())
    return client


def entries() -> list[str]:
    found = JournalEntry.objects.filter(kind="approval_rule.changed").order_by("id")
    return [f"{entry.actor_name} {entry.door}: {entry.message}" for entry in found]


def test_an_operator_makes_changes_and_removes_one(olga: Client) -> None:
    pool = ApprovalRule.objects.get().pool
    ApprovalRule.objects.all().delete()
    add, one = (f"admin:scheduler_approvalrule_{act}" for act in ("add", "change"))

    olga.post(reverse(add), {**RULE, "pool": pool.pk})
    rule = ApprovalRule.objects.get()
    olga.post(reverse(one, args=[rule.pk]), {**RULE, "pool": pool.pk, "devices_over": "4"})
    olga.post(reverse("admin:scheduler_approvalrule_delete", args=[rule.pk]), {"post": "yes"})

    assert ApprovalRule.objects.count() == 0
    assert entries() == [
        f"olga admin: The approval rule {rule.pk} was made: over 8 accelerators, over 24 hours: operator.",
        f"olga admin: The approval rule {rule.pk} was changed: over 4 accelerators, over 24 hours: operator.",
        f"olga admin: The approval rule {rule.pk} was removed: over 4 accelerators, over 24 hours: operator.",
    ]


def test_devices_are_not_kept_for_ever(olga: Client) -> None:
    rule = ApprovalRule.objects.get()
    path = reverse("admin:scheduler_approvalrule_change", args=[rule.pk])

    answer = olga.post(path, {**RULE, "pool": rule.pool_id, "decide_minutes": "999999"}, follow=True)

    rule.refresh_from_db()
    assert (rule.decide_minutes, entries()) == (1440, [])
    assert "Give one minute at least, and 43,200 at most." in answer.content.decode()
