"""Every list and page of the console costs the same few queries however many rows it shows."""

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.portal.console.world import build, operator

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.console.urls")]
admin.site.fill()  # type: ignore[attr-defined]
COUNTS = {  # the list, one page
    "accounts.apitoken": (6, 6),
    "accounts.calendarfeed": (6, 7),
    "accounts.user": (7, 8),
    "auth.group": (7, 6),
    "fabric.attachment": (7, 8),
    "fabric.composition": (7, 12),
    "fabric.compositionstep": (7, 6),
    "fabric.device": (8, 6),
    "fabric.deviceclass": (9, 5),
    "fabric.drift": (7, 7),
    "fabric.driverblock": (7, 6),
    "fabric.drivernote": (8, 6),
    "fabric.fabricmanager": (8, 7),
    "fabric.host": (8, 8),
    "fabric.mutationturn": (7, 6),
    "fabric.network": (8, 6),
    "fabric.pool": (6, 5),
    "fabric.pru": (8, 8),
    "fabric.rack": (7, 6),
    "fabric.releaseproof": (7, 7),
    "fabric.repair": (7, 7),
    "fabric.resize": (7, 6),
    "fabric.resourceblock": (9, 10),
    "fabric.zone": (7, 7),
    "scheduler.allocation": (7, 8),
    "scheduler.approval": (6, 8),
    "scheduler.approvalrule": (7, 9),
    "scheduler.delegation": (7, 8),
    "scheduler.waitlistentry": (7, 6),
    "scheduler.capacityalert": (7, 8),
    "scheduler.ceiling": (8, 5),
    "scheduler.idempotencykey": (8, 6),
    "scheduler.journalentry": (8, 8),
    "scheduler.letter": (6, 7),
    "scheduler.maintenance": (7, 6),
    "scheduler.membership": (7, 7),
    "scheduler.notice": (6, 8),
    "scheduler.noticechoice": (6, 6),
    "scheduler.noticetimes": (6, 6),
    "scheduler.operation": (7, 8),
    "scheduler.preset": (7, 7),
    "scheduler.project": (6, 5),
    "scheduler.quota": (7, 7),
    "scheduler.quote": (8, 8),
    "scheduler.rate": (7, 7),
    "scheduler.reservation": (8, 10),
    "scheduler.series": (7, 8),
    "scheduler.utilisation": (6, 6),
    "scheduler.webhook": (7, 7),
    "scheduler.webhookdelivery": (6, 7),
    "scheduler.webhooktry": (7, 6),
}


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_and_pages_cost_the_same_for_any_number_of_rows(rows: int) -> None:
    build(rows)
    olga = Client()
    olga.force_login(operator())
    ContentType.objects.get_for_models(*admin.site._registry)  # which Django then remembers

    counts = {}
    for model in admin.site._registry:
        first = model._default_manager.order_by("pk").first()
        where = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        counts[model._meta.label_lower] = (
            queries(olga, reverse(f"{where}_changelist")),
            queries(olga, reverse(f"{where}_change", args=[first.pk])),
        )

    assert counts == COUNTS


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)
