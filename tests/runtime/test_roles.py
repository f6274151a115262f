"""The roles as real processes on the database of this session."""

import urllib.error
import urllib.request

import pytest

from portal.celery import app
from tests.processes import Spawn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_broker]


def test_web_answers_and_can_be_killed_and_replaced(spawn_role: Spawn) -> None:
    web = spawn_role("web")
    with urllib.request.urlopen(f"{web.url}/healthz", timeout=30) as answer:
        assert answer.status == 200

    web.kill()

    with pytest.raises((urllib.error.URLError, OSError)):
        urllib.request.urlopen(f"{web.url}/healthz", timeout=1)


def test_a_worker_takes_from_all_three_queues(spawn_role: Spawn) -> None:
    spawn_role("worker")

    (queues,) = app.control.inspect(timeout=10, limit=1).active_queues().values()

    assert sorted(queue["name"] for queue in queues) == ["default", "fabric", "notify"]
