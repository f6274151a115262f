"""Every list and page of the console costs the same few queries however many rows it shows."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.portal.console.world import build, operator

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.console.urls")]
admin.site.fill()  # type: ignore[attr-defined]
COUNTS: dict[str, tuple[int, int]] = {}


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_and_pages_cost_the_same_for_any_number_of_rows(rows: int) -> None:
    build(rows)
    olga = Client()
    olga.force_login(operator())
    olga.get("/admin/")  # what Django remembers of content types is not counted

    counts = {}
    for model in admin.site._registry:
        first = model._default_manager.order_by("pk").first()
        where = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        counts[model._meta.label_lower] = (
            queries(olga, reverse(f"{where}_changelist")),
            queries(olga, reverse(f"{where}_change", args=[first.pk])),
        )

    print("COUNTS", rows, counts)
    assert counts == COUNTS


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)
