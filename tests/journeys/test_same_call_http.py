"""The same call again, on real web processes: sent together, and after the first one's server was killed."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from portal.accounts.models import ApiToken
from scheduler.models import IdempotencyKey, JournalEntry, Quote, Reservation
from tests.journeys.waiting import eventually
from tests.portal.cast import L40S, Cast, assembled, settle_in, wish
from tests.processes import Role, Spawn

pytestmark = pytest.mark.needs_broker
TOGETHER = 50
ANSWER_SECONDS_MAX = 60
HELD = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
def people(transactional_db: None, settings: Settings, tmp_path: Path) -> Cast:
    settings.HEDDLE_DATA_DIR = tmp_path
    settle_in()
    return assembled()


@pytest.fixture
def program(people: Cast) -> Iterator[httpx.Client]:
    token = people.token("alice", now=datetime.now(UTC))[1]
    limits = httpx.Limits(max_connections=TOGETHER)
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(headers=headers, timeout=ANSWER_SECONDS_MAX, trust_env=False, limits=limits) as client:
        yield client


def tomorrow(**more: Any) -> dict[str, Any]:
    starts_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    return wish(1, L40S, starts_at=starts_at.isoformat(), ends_at=(starts_at + timedelta(hours=2)).isoformat(), **more)


def sent(program: httpx.Client, web: Role, path: str, body: Any, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return program.post(f"{web.url}/api/v1/{path}", json=body, headers=named)


def test_fifty_at_once_make_one_reservation_and_get_equal_answers(
    program: httpx.Client, spawn_role: Spawn, tmp_path: Path
) -> None:
    web, body = spawn_role("web", HEDDLE_DATA_DIR=str(tmp_path)), tomorrow()
    together = threading.Barrier(TOGETHER)

    def book(_: int) -> httpx.Response:
        together.wait()
        return sent(program, web, "reservations/", body, Idempotency_Key="one-key")

    with ThreadPoolExecutor(TOGETHER) as callers:
        answers = list(callers.map(book, range(TOGETHER)))

    assert {(answer.status_code, answer.headers["Location"], answer.text) for answer in answers} == {
        (201, answers[0].headers["Location"], answers[0].text)
    }
    assert (Reservation.objects.count(), IdempotencyKey.objects.count()) == (1, 1)


def test_what_had_committed_when_the_server_was_killed_is_answered_and_not_done_again(
    program: httpx.Client, people: Cast, spawn_role: Spawn, tmp_path: Path
) -> None:
    """The database stops it between the commit and the keeping of the answer; then SIGKILL, and the calls again."""
    web = spawn_role("web", HEDDLE_DATA_DIR=str(tmp_path))
    one, other = (sent(program, web, "reservations/", tomorrow()).json() for _ in range(2))
    later = (datetime.fromisoformat(one["ends_at"]) + timedelta(hours=1)).isoformat()
    calls: list[tuple[str, Any, dict[str, str]]] = [
        ("reservations/", tomorrow(title="Killed"), {}),
        ("quotes/", tomorrow(), {}),
        ("tokens/", {"name": "nightly", "days": 1}, {}),
        (f"reservations/{one['code']}/extend/", {"ends_at": later}, {"If_Match": f'"{one["version"]}"'}),
        (f"reservations/{other['code']}/cancel/", {}, {"If_Match": f'"{other["version"]}"'}),
    ]

    def call(number: int) -> httpx.Response | None:
        path, body, headers = calls[number]
        with suppress(httpx.HTTPError):
            return sent(program, web, path, body, Idempotency_Key=f"key-{number}", **headers)
        return None

    with answers_held_up(), ThreadPoolExecutor(len(calls)) as callers:
        asked = [callers.submit(call, number) for number in range(len(calls))]
        eventually(lambda: len(held_up()) == len(calls), seconds=ANSWER_SECONDS_MAX, what="all have committed")
        web.kill()
        assert [one.result() for one in asked] == [None] * len(calls)
        cut_off(held_up())
    done = JournalEntry.objects.count()
    web = spawn_role("web", HEDDLE_DATA_DIR=str(tmp_path))

    again = [call(number) for number in range(len(calls))]
    once_more = [call(number) for number in range(len(calls))]

    booked, quoted, made, extended, cancelled = (answer.json() for answer in again if answer is not None)
    assert [answer and answer.status_code for answer in again] == [201, 201, 201, 200, 200]
    assert [answer and answer.text for answer in once_more] == [answer and answer.text for answer in again]
    assert booked["code"] == Reservation.objects.get(title="Killed").code
    assert quoted["id"] == Quote.objects.get().code
    assert made["id"] == ApiToken.objects.get(name="nightly").prefix
    assert (extended["version"], cancelled["state"]) == (one["version"] + 1, "cancelled")
    assert JournalEntry.objects.count() == done
    program.headers["Authorization"] = f"Bearer {made['token']}"
    assert program.get(f"{web.url}/api/v1/pools/").status_code == 200


@contextmanager
def answers_held_up() -> Iterator[None]:
    """Whoever keeps an answer waits for us, in the database: a place that only a test can stop at."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(4711)")
        cursor.execute(
            "CREATE FUNCTION hold_answer() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN IF NEW.status >= 100 THEN PERFORM pg_advisory_xact_lock(4711); END IF; RETURN NEW; END';"
            "CREATE TRIGGER hold_answer BEFORE UPDATE ON scheduler_idempotencykey"
            " FOR EACH ROW EXECUTE FUNCTION hold_answer()"
        )
        try:
            yield
        finally:
            cut_off(held_up())
            cursor.execute("DROP FUNCTION hold_answer() CASCADE; SELECT pg_advisory_unlock(4711)")


def held_up() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(HELD)
        return [pid for (pid,) in cursor.fetchall()]


def cut_off(pids: list[int]) -> None:
    """What a server had asked for when it died, and the database would still do."""
    with connection.cursor() as cursor:
        for pid in pids:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
