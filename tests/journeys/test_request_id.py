"""One id, given with one call: in the journal, the operation, its steps, the calls of the fabric, the worker's log."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_django.fixtures import Settings

from fabric.drivers.credentials import Credentials
from fabric.models import CompositionStep, DeviceClass
from fabric.redfish_simulator.app import answering
from fabric.redfish_simulator.face import Face
from fabric.redfish_simulator.manners import Manners
from fabric.redfish_simulator.web import Reply, Request
from fabric.services.drivers import emulated_fabric_of
from fabric.services.name_driver import name_driver
from fabric.services.simulators import PROFILES
from scheduler.models import JournalEntry, Operation, Reservation
from tests.contracts.lending import lent
from tests.journeys.waiting import eventually
from tests.portal.cast import L40S, Cast, assembled, settle_in, wish
from tests.processes import Spawn

ID = "follow-me-1"
SECONDS = 60
Seen = list[tuple[str, str, str]]  # method, path, id


@pytest.fixture
def people(transactional_db: None, settings: Settings, tmp_path: Path) -> Cast:
    settings.HEDDLE_DATA_DIR = tmp_path
    settle_in()
    return assembled()


@pytest.fixture
def seen(people: Cast) -> Iterator[Seen]:
    """What a Redfish service of the pool is asked: it is what the pool's manager speaks to from now on."""
    asked: Seen = []

    def noting(answer: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
        def noted(request: Request) -> Reply:
            asked.append((request.method, request.path, request.headers.get("x-request-id", "")))
            return answer(request)

        return noted

    face = Face(
        path=emulated_fabric_of(people.pool),
        clock=time.time,
        manners=Manners(),
        kinds=dict(DeviceClass.objects.values_list("code", "kind")),
    )
    with lent(noting(answering(face))) as url:
        name_driver(
            manager=people.pool.fabric_managers.get(),
            driver="redfish",
            endpoint=url,
            profile=PROFILES["redfish"],
            credentials=Credentials(Manners().user, Manners().password),
        )
        yield asked


@pytest.mark.needs_broker
def test_from_the_door_to_the_fabric(people: Cast, seen: Seen, spawn_role: Spawn, tmp_path: Path) -> None:
    told = {"HEDDLE_DATA_DIR": str(tmp_path), "HEDDLE_LOG": "json", "HEDDLE_LOG_LEVEL": "info"}
    web = spawn_role("web", **told)
    spawn_role("worker", **told)
    headers = {"Authorization": f"Bearer {people.token('alice', now=datetime.now(UTC))[1]}", "X-Request-ID": ID}
    body = {name: value for name, value in wish(1, L40S).items() if name not in ("starts_at", "ends_at")}

    answer = httpx.post(
        f"{web.url}/api/v1/reservations/",
        json=body | {"duration_minutes": 60},
        headers=headers,
        timeout=SECONDS,
        trust_env=False,
    )
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (201, ID), answer.text
    eventually(lambda: Reservation.objects.get().state == "active", seconds=SECONDS, what="active")

    assert distinct(JournalEntry.objects.filter(reservation__isnull=False)) == {ID}
    assert (distinct(Operation.objects), distinct(CompositionStep.objects)) == ({ID}, {ID})
    posted = {(method, named) for method, path, named in seen if method == "POST" and path.endswith("/Systems")}
    assert posted == {("POST", ID)}
    lines = [json.loads(line) for line in (tmp_path / "worker.log").read_text().splitlines() if line.startswith("{")]
    assert [line["event"].split(" of ")[0] for line in lines if line.get("request_id") == ID] == ["compose"]


def distinct(rows: Any) -> set[str]:
    return set(rows.values_list("request_id", flat=True))
