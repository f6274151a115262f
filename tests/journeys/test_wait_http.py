"""Many programs wait on one real server, and it serves the others meanwhile: a wait holds no thread, no connection."""

import select
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pytest_django.fixtures import Settings

from portal.runtime.roles import CONNECTIONS
from scheduler import limits
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
    connections = httpx.Limits(max_connections=WAITERS + 2)
    with httpx.Client(
        base_url=f"{web.url}/api/v1/",
        headers={"Authorization": f"Bearer {token}"},
        timeout=ANSWER_SECONDS_MAX,
        trust_env=False,
        limits=connections,
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
    assert endless(program) == 413
    assert program.get("pools/").status_code == 200


def endless(program: httpx.Client) -> int:
    """The status of a call whose body would never end, told while it is still being sent."""
    begun, sent = socket.create_connection((program.base_url.host, program.base_url.port or 80), timeout=60), 0
    with begun:
        head = (
            f"POST /api/v1/quotes/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {program.headers['Authorization']}\r\n"
        )
        begun.sendall(f"{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        while sent < 2 * limits.BODY_BYTES_MAX and not select.select([begun], [], [], 0)[0]:
            begun.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
            sent += 0x10000
        return int(begun.recv(64).split(b" ")[1])
