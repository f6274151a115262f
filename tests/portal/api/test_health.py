"""Health endpoints tell of this process and its database, and of nothing else."""

import pytest
from django.db import OperationalError
from django.test import Client

from fabric.models import Pool


def test_process_is_well(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_not_ready_without_a_pool() -> None:
    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (
        503,
        "UNAVAILABLE",
        "No pool is loaded.",
    )


@pytest.mark.django_db
def test_not_ready_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> bool:
        raise OperationalError

    monkeypatch.setattr(Pool.objects, "exists", gone)
    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()["detail"]) == (503, "The database does not answer.")
