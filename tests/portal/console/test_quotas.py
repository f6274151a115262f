"""Ceilings are kept in the console, each change with its entry of what was before."""

from typing import Any

import pytest
from django.test import Client

from scheduler.models import Ceiling, JournalEntry, Quota
from tests.portal.console.test_site import at, first
from tests.portal.console.world import build, operator

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.console.urls")]
UNCHANGED = {"share_percent": "0", "priority_max": "normal"}


@pytest.fixture
def olga() -> Client:
    build(1)
    client = Client()
    client.force_login(operator())
    return client


def entries() -> list[tuple[str, str, Any]]:
    found = JournalEntry.objects.filter(kind="quota.changed").order_by("id")
    return [(one.actor_name, one.message, one.facts["changes"]) for one in found]


def test_a_quota_is_changed_and_what_was_before_is_told(olga: Client) -> None:
    quota = Quota.objects.get()

    answer = olga.post(at(Quota, "change", quota.pk), {**UNCHANGED, "hours_per_7_days": "40", "is_mig_only": "on"})

    quota.refresh_from_db()
    assert (answer.status_code, quota.hours_per_7_days, quota.is_mig_only) == (302, 40, True)
    assert entries() == [
        (
            "olga",
            "The quota of team-0 on pool-0 was changed: hours per 7 days none → 40, is mig only no → yes.",
            {"hours_per_7_days": [None, 40], "is_mig_only": [False, True]},
        )
    ]


def test_what_changes_nothing_is_no_entry(olga: Client) -> None:
    olga.post(at(Quota, "change", Quota.objects.get().pk), UNCHANGED)

    assert entries() == []


def test_a_ceiling_is_made_changed_and_removed(olga: Client) -> None:
    quota = Quota.objects.get()

    olga.post(at(Ceiling, "add"), {"quota": quota.pk, "kind": "nvme", "devices_max": "4"})
    made = Ceiling.objects.get(kind="nvme")
    olga.post(at(Ceiling, "change", made.pk), {"devices_max": "6"})
    olga.post(at(Ceiling, "delete", made.pk), {"post": "yes"})

    assert not Ceiling.objects.filter(kind="nvme").exists()
    assert [message for _, message, _ in entries()] == [
        "The ceiling of nvme of team-0 on pool-0 was set: devices max none → 4.",
        "The ceiling of nvme of team-0 on pool-0 was changed: devices max 4 → 6.",
        "The ceiling of nvme of team-0 on pool-0 was removed.",
    ]


def test_a_ceiling_is_of_a_class_or_of_a_kind(olga: Client) -> None:
    quota, of_class = Quota.objects.get(), first(Ceiling).device_class_id

    wrong: tuple[dict[str, Any], ...] = ({}, {"kind": "nvme", "device_class": of_class})
    for both in wrong:
        answer = olga.post(at(Ceiling, "add"), {"quota": quota.pk, "devices_max": "4", **both})
        assert b"Choose a device class or a kind: one of them." in answer.content

    assert Ceiling.objects.count() == 1


def test_a_quota_is_made_and_removed_with_its_ceilings(olga: Client) -> None:
    quota = Quota.objects.get()
    project, pool = quota.project_id, quota.pool_id

    olga.post(at(Quota, "delete", quota.pk), {"post": "yes"})
    olga.post(at(Quota, "add"), {**UNCHANGED, "project": project, "pool": pool, "accelerators_max": "8"})

    assert (Ceiling.objects.count(), Quota.objects.get().accelerators_max) == (0, 8)
    assert [message for _, message, _ in entries()] == [
        "The quota of team-0 on pool-0 was removed.",
        "The quota of team-0 on pool-0 was set: accelerators max none → 8, is mig only none → no, "
        "priority max none → normal, share percent none → 0.",
    ]
