"""Long poll: wakes when the state is reached or out of reach, costs nothing meanwhile, and asks anew who one is."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.core.handlers.asgi import ASGIHandler
from django.db import connections
from django.http import HttpRequest, HttpResponse
from pytest_django.fixtures import Settings

from portal.accounts.models import ApiToken, User
from portal.api.v1 import wait as waits
from portal.api.v1 import watching
from portal.api.v1.wait import is_settled, seconds_max
from scheduler.models import Membership, Reservation
from scheduler.states import FINAL, ReservationState
from tests.portal.cast import MONDAY, Caller, Cast, wish

R = ReservationState
WAITERS = 20
SECONDS_MAX = 10
MEETING_SECONDS = 0.5


@pytest.mark.parametrize(
    ("wanted", "settled"),
    [
        (R.HELD, set(R) - {R.WAITLISTED}),
        (R.CONFIRMED, set(R) - {R.WAITLISTED, R.HELD, R.PENDING_APPROVAL}),
        (R.COMPOSING, set(R) - {R.WAITLISTED, R.HELD, R.PENDING_APPROVAL, R.CONFIRMED}),
        (R.ACTIVE, {R.ACTIVE, R.RELEASING, *FINAL}),
        (R.RELEASING, {R.RELEASING, *FINAL}),
        (R.ENDED, set(FINAL)),
    ],
)
def test_settled_when_reached_or_out_of_reach(wanted: ReservationState, settled: set[ReservationState]) -> None:
    assert {state for state in R if is_settled(wanted=wanted, state=state)} == settled


class Conversation:
    """One request to the real ASGI handler, as a server makes it: answered while others wait."""

    def __init__(self, path: str, token: str = "", *, session_key: str = "") -> None:
        self.path, _, self.query = path.partition("?")
        who = (
            (b"authorization", f"Bearer {token}".encode())
            if token
            else (b"cookie", f"sessionid={session_key}".encode())
        )
        self.headers = [(b"host", b"testserver"), who]
        self.status = 0
        self.body = b""
        self.gone = asyncio.Event()

    async def run(self) -> "Conversation":
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "path": self.path,
            "query_string": self.query.encode(),
            "headers": self.headers,
        }
        await _handler()(scope, self._receive, self._send)
        return self

    async def _receive(self) -> dict[str, Any]:
        if not self.gone.is_set() and not self.body and not getattr(self, "_asked", False):
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")


def _handler() -> ASGIHandler:
    if "handler" not in _kept:
        _kept["handler"] = ASGIHandler()
        _kept["handler"].load_middleware(is_async=True)
    return _kept["handler"]


_kept: dict[str, ASGIHandler] = {}


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[None]:
    settings.ALLOWED_HOSTS = ["testserver"]
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.01)
    yield
    _kept.clear()


@pytest.fixture
def held(people_for_real: Cast) -> str:
    return str(
        people_for_real.caller("alice").post("reservations/", wish(hold_minutes=10, title="zebra")).json()["code"]
    )


@pytest.fixture
def token(people_for_real: Cast) -> str:
    return people_for_real.token("bob")[1]


@pytest.fixture
def alices(people_for_real: Cast) -> str:
    return people_for_real.token("alice")[1]


@pytest.fixture
def session(people_for_real: Cast) -> str:
    """Bob's."""
    return people_for_real.browser("bob").cookies["sessionid"].value


async def in_own_thread(act: Callable[..., object], *arguments: object) -> None:
    """As another process would, and with a connection that ends with it."""

    def run() -> None:
        try:
            act(*arguments)
        finally:
            connections.close_all()

    await sync_to_async(run, thread_sensitive=False)()


async def move(code: str, state: ReservationState) -> None:
    await in_own_thread(_move, code, state)


def _move(code: str, state: ReservationState) -> None:
    Reservation.objects.filter(code=code).update(state=state)


def _revoke_all() -> None:
    ApiToken.objects.update(revoked_at=MONDAY)


async def waiting(*conversations: Conversation) -> "list[asyncio.Task[Conversation]]":
    """Start them all and return once the watcher knows of every one."""
    tasks = [asyncio.create_task(conversation.run()) for conversation in conversations]
    loop = asyncio.get_running_loop()
    while len(getattr(watching._watchers.get(loop), "wishes", ())) < len(tasks):
        assert not any(task.done() for task in tasks)
        await asyncio.sleep(0)
    return tasks


async def test_all_who_wait_are_woken_by_one_change(held: str, token: str) -> None:
    path = f"/api/v1/reservations/{held}/wait/?state=confirmed&timeout=60"

    tasks = await waiting(*(Conversation(path, token) for _ in range(WAITERS)))
    threads = [thread.name for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]
    await move(held, R.CONFIRMED)
    answers = await asyncio.gather(*tasks)

    assert [answer.status for answer in answers] == [200] * WAITERS
    assert len(threads) < WAITERS
    assert all(b'"state":"confirmed"' in answer.body for answer in answers)


async def test_of_those_who_are_woken_together_only_few_look_at_once(
    held: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more than may would have to meet for the barrier to open."""
    barrier = threading.Barrier(watching.LOOKS_AT_ONCE + 1)
    look = waits._look

    def seen(request: HttpRequest, code: str) -> HttpResponse:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=MEETING_SECONDS)
        return look(request, code)

    path = f"/api/v1/reservations/{held}/wait/?state=confirmed&timeout=60"
    tasks = await waiting(*(Conversation(path, token) for _ in range(watching.LOOKS_AT_ONCE + 1)))
    monkeypatch.setattr(waits, "_look", seen)
    await move(held, R.CONFIRMED)
    answers = await asyncio.gather(*tasks)

    assert ({answer.status for answer in answers}, barrier.broken) == ({200}, True)


async def test_final_state_ends_the_wait(held: str, token: str) -> None:

    (task,) = await waiting(Conversation(f"/api/v1/reservations/{held}/wait/?state=active&timeout=60", token))
    await move(held, R.EXPIRED)
    answer = await task

    assert (answer.status, b'"state":"expired"' in answer.body) == (200, True)


async def test_time_that_is_up_is_no_error(held: str, token: str, settings: Settings) -> None:
    settings.HEDDLE_WAIT_SECONDS_MAX = 0.05

    answer = await Conversation(f"/api/v1/reservations/{held}/wait/?timeout=60", token).run()

    assert (answer.status, b'"state":"held"' in answer.body) == (200, True)


async def test_token_revoked_meanwhile_sees_nothing_more(held: str, token: str) -> None:

    (task,) = await waiting(Conversation(f"/api/v1/reservations/{held}/wait/?state=confirmed&timeout=60", token))
    await in_own_thread(_revoke_all)
    await move(held, R.CONFIRMED)
    answer = await task

    assert (answer.status, b"UNAUTHENTICATED" in answer.body) == (401, True)


def _expire_all() -> None:
    ApiToken.objects.update(expires_at=MONDAY)


def _close_bob() -> None:
    User.objects.filter(username="bob").update(is_active=False)


def _remove_bob() -> None:
    Membership.objects.filter(user__username="bob").delete()


def _sign_out_all() -> None:
    Session.objects.all().delete()


def _take_another_password() -> None:
    bob = User.objects.get(username="bob")
    bob.set_password("another one")
    bob.save()


FALLS_OF_TOKENS = ((_revoke_all, 401), (_expire_all, 401), (_close_bob, 401), (_remove_bob, 404))
FALLS_OF_SESSIONS = ((_sign_out_all, 401), (_take_another_password, 401), (_close_bob, 401), (_remove_bob, 404))


@pytest.mark.parametrize(("fall", "status"), FALLS_OF_TOKENS)
async def test_wait_ends_at_once_with_what_its_token_stood_on(
    held: str, token: str, fall: Callable[[], None], status: int
) -> None:
    """Nothing happens to the reservation, and the minute is not over."""
    (task,) = await waiting(Conversation(f"/api/v1/reservations/{held}/wait/?state=confirmed&timeout=60", token))
    await in_own_thread(fall)
    async with asyncio.timeout(SECONDS_MAX):
        answer = await task

    assert (answer.status, b"zebra" in answer.body) == (status, False)


@pytest.mark.parametrize(("fall", "status"), FALLS_OF_SESSIONS)
async def test_wait_ends_at_once_with_what_its_session_stood_on(
    held: str, session: str, fall: Callable[[], None], status: int
) -> None:
    path = f"/api/v1/reservations/{held}/wait/?state=confirmed&timeout=60"

    (task,) = await waiting(Conversation(path, session_key=session))
    await in_own_thread(fall)
    async with asyncio.timeout(SECONDS_MAX):
        answer = await task

    assert (answer.status, b"zebra" in answer.body) == (status, False)


async def test_wait_goes_on_while_others_fall(held: str, token: str, alices: str) -> None:
    path = f"/api/v1/reservations/{held}/wait/?state=confirmed&timeout=60"

    bob, alice = await waiting(Conversation(path, token), Conversation(path, alices))
    await in_own_thread(_close_bob)
    fallen = await bob
    is_still_waiting = not alice.done()
    await move(held, R.CONFIRMED)

    assert (fallen.status, is_still_waiting, (await alice).status) == (401, True, 200)


async def test_caller_who_hangs_up_leaves_nothing_behind(held: str, token: str) -> None:
    conversation = Conversation(f"/api/v1/reservations/{held}/wait/?state=confirmed&timeout=60", token)

    (task,) = await waiting(conversation)
    conversation.gone.set()
    await asyncio.wait([task])

    assert watching._watchers[asyncio.get_running_loop()].wishes == {}


@pytest.mark.parametrize(
    ("query", "field"),
    [("state=done", "state"), ("timeout=-1", "timeout"), ("timeout=1.5", "timeout"), ("until=active", "until")],
)
def test_bad_parameter_is_refused_at_once(held: str, people_for_real: Cast, query: str, field: str) -> None:
    answer = people_for_real.caller("bob").get(f"reservations/{held}/wait/?{query}")

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])


def test_strangers_and_nobody_do_not_wait(held: str, people_for_real: Cast) -> None:
    path = f"reservations/{held}/wait/?timeout=60"

    assert (people_for_real.caller("charlie").get(path).status_code, Caller().get(path).status_code) == (404, 401)


@pytest.mark.parametrize(("said", "kept"), [(5.0, 5.0), (60.0, 60.0), (600.0, 60.0)])
def test_a_site_may_shorten_a_wait_and_never_lengthen_it(settings: Settings, said: float, kept: float) -> None:
    settings.HEDDLE_WAIT_SECONDS_MAX = said

    assert seconds_max() == kept


def test_a_wait_lasts_a_minute_where_the_site_says_nothing() -> None:
    assert seconds_max() == 60
