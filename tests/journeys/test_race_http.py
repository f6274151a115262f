"""Many programs want the last H100s at once, four each: two get them, the rest are told why, nobody sees a fault."""

import os
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pytest_django.fixtures import Settings

from scheduler.models import Allocation, Reservation
from tests.portal.cast import H100, Cast, assembled, settle_in, wish
from tests.processes import Spawn

THREADS = 200 if os.environ.get("HEDDLE_DEEP") == "1" else 40
ANSWER_SECONDS_MAX = 120


@pytest.fixture
def people(transactional_db: None, settings: Settings, tmp_path: Path) -> Cast:
    settings.HEDDLE_DATA_DIR = tmp_path
    settle_in()
    return assembled()


@pytest.mark.needs_broker
def test_last_eight_four_at_a_time_have_two_winners(people: Cast, spawn_role: Spawn, tmp_path: Path) -> None:
    web = spawn_role("web", HEDDLE_DATA_DIR=str(tmp_path))
    tokens = [people.token(name, now=datetime.now(UTC))[1] for name in ("alice", "charlie")]
    starts_at = datetime.now(UTC) + timedelta(days=1)
    bodies = [
        wish(
            4, H100, project=slug, starts_at=starts_at.isoformat(), ends_at=(starts_at + timedelta(hours=2)).isoformat()
        )
        for slug in ("team-chat", "team-research")
    ]
    answers: list[httpx.Response] = []
    together = threading.Barrier(THREADS)

    def ask(number: int) -> None:
        headers = {"Authorization": f"Bearer {tokens[number % 2]}", "Idempotency-Key": f"racer-{number}"}
        with httpx.Client(timeout=ANSWER_SECONDS_MAX, trust_env=False) as program:
            together.wait()
            answers.append(program.post(f"{web.url}/api/v1/reservations/", json=bodies[number % 2], headers=headers))

    racers = [threading.Thread(target=ask, args=(number,)) for number in range(THREADS)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert Counter(answer.status_code for answer in answers) == {201: 2, 409: THREADS - 2}
    refused = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert refused <= {"REFUSED", "POOL_BUSY"}
    assert Reservation.objects.count() == 2
    blocks = Allocation.objects.filter(block__isnull=False, is_holding=True).values_list("block_id", flat=True)
    assert len(set(blocks)) == len(blocks) == 8
