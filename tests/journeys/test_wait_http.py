"""Many programs wait on one real server, and it serves the others meanwhile: a wait holds no thread, no connection."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pytest_django.fixtures import Settings

from portal.runtime.roles import CONNECTIONS
from tests.portal.cast import L40S, Cast, assembled, settle_in, wish
from tests.processes import Spawn

WAITERS = 3 * CONNECTIONS["web"]  # more than there are database connections
ANSWER_SECONDS_MAX = 60


@pytest.fixture
def people(transactional_db: None, settings: Settings, tmp_path: Path) -> Cast:
    settings.HEDDLE_DATA_DIR = tmp_path
    settle_in()
    return assembled()


@pytest.fixture
def program(people: Cast, spawn_role: Spawn, tmp_path: Path) -> Iterator[httpx.Client]:
    web = spawn_role("web", HEDDLE_DATA_DIR=str(tmp_path))
    token = people.token("alice", now=datetime.now(UTC))[1]
    limits = httpx.Limits(max_connections=WAITERS + 2)
    with httpx.Client(
        base_url=f"{web.url}/api/v1/",
        headers={"Authorization": f"Bearer {token}"},
        timeout=ANSWER_SECONDS_MAX,
        trust_env=False,
        limits=limits,
    ) as client:
        yield client


def tomorrow() -> dict[str, object]:
    starts_at = datetime.now(UTC) + timedelta(days=1)
    return wish(1, L40S, starts_at=starts_at.isoformat(), ends_at=(starts_at + timedelta(hours=2)).isoformat())


@pytest.mark.needs_broker
def test_others_are_served_while_many_wait(program: httpx.Client) -> None:
    code = program.post("reservations/", json=tomorrow()).json()["code"]
    address = f"reservations/{code}/wait/?state=active&timeout=50"

    with ThreadPoolExecutor(WAITERS) as pool:
        waiting = [pool.submit(program.get, address) for _ in range(WAITERS)]
        served = program.get("pools/").status_code
        early = sum(one.done() for one in waiting)
        program.post(f"reservations/{code}/cancel/")
        answers = [one.result() for one in waiting]

    assert (served, early) == (200, 0)
    assert {(answer.status_code, answer.json()["state"]) for answer in answers} == {(200, "cancelled")}


@pytest.mark.needs_broker
def test_body_in_chunks_is_read(program: httpx.Client) -> None:
    sent = httpx.Request("POST", "http://x/", json=tomorrow()).content

    answer = program.post(
        "reservations/",
        content=(sent[at : at + 50] for at in range(0, len(sent), 50)),
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code == 201
