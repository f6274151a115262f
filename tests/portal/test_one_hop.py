"""The handler behind the web process: one thread a request, answers whole, connections given back."""

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import iscoroutinefunction
from django.conf import settings as django_settings
from django.core import signals
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, clear_url_caches, get_resolver, path
from pytest_django.fixtures import Settings

from portal import asgi, one_hop
from portal.api import health
from portal.one_hop import OneHop

CHAIN = list(django_settings.MIDDLEWARE)
threads: list[str] = []
gate = threading.Barrier(2, timeout=30)


def view(request: HttpRequest) -> HttpResponse:
    threads.append(threading.current_thread().name)
    return HttpResponse(request.read())


def slow(request: HttpRequest) -> HttpResponse:
    """Until it is let go by a test."""
    gate.wait()
    return HttpResponse("at last")


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse([b"one ", b"two"])


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("no")


def said_to_handler(sender: object, **_: object) -> None:
    threads.append(f"finished {threading.current_thread().name}")


urlpatterns = [
    path("healthz", health.healthz),
    path("slow/", slow),
    path("view/", view),
    path("stream/", stream),
    path("broken/", broken),
]
handler500 = "tests.portal.test_one_hop.sorry"


def sorry(request: HttpRequest) -> HttpResponse:
    return HttpResponse("sorry", status=500)


@pytest.fixture(autouse=True)
def _bare(settings: Settings) -> Iterator[None]:
    settings.MIDDLEWARE = []
    settings.ROOT_URLCONF = __name__
    threads.clear()
    yield
    clear_url_caches()


def asked(address: str, body: bytes = b"") -> tuple[int, bytes]:
    """Status and text of a POST to the handler itself."""
    return asyncio.run(_asked(address, body))


async def _asked(address: str, body: bytes) -> tuple[int, bytes]:
    heard = await heard_from(OneHop(), address, body)
    return heard[0]["status"], b"".join(message.get("body", b"") for message in heard)


async def heard_from(handler: OneHop, address: str, body: bytes = b"", method: str = "POST") -> list[dict[str, Any]]:
    scope = {"type": "http", "method": method, "path": address, "query_string": b"", "headers": []}
    parts = iter([{"type": "http.request", "body": body, "more_body": False}])
    heard: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(parts, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        heard.append(message)

    await handler(scope, receive, send)
    return heard


def test_an_answer_comes_whole() -> None:
    assert asked("/view/", b"some text") == (200, b"some text")
    assert asked("/stream/") == (200, b"one two")


def test_what_fails_is_answered_as_ever(settings: Settings) -> None:
    assert asked("/broken/") == (500, b"sorry")


def test_a_request_is_finished_in_the_thread_that_ran_it() -> None:
    """So the database connection of that thread is given back."""
    signals.request_finished.connect(said_to_handler)
    try:
        asked("/view/")
    finally:
        signals.request_finished.disconnect(said_to_handler)

    (ran, finished) = threads
    assert ran.startswith("request")
    assert finished == f"finished {ran}"


def test_who_hangs_up_before_the_body_is_there_is_not_served() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    scope = {"type": "http", "method": "POST", "path": "/view/", "query_string": b"", "headers": []}
    asyncio.run(OneHop()(scope, receive, send))

    assert threads == []


async def while_full(*asked: tuple[str, str]) -> list[tuple[int, dict[bytes, bytes], bytes]]:
    """Status, headers and text of what is asked while the one call that has room is running."""
    handler = OneHop()
    running = asyncio.create_task(heard_from(handler, "/slow/", method="GET"))
    while handler._room._value:  # type: ignore[attr-defined]
        await asyncio.sleep(0)
    heard = [await heard_from(handler, address, method=method) for method, address in asked]
    await asyncio.to_thread(gate.wait)
    assert (await running)[0]["status"] == 200
    again = await heard_from(handler, "/view/", method="GET")
    assert again[0]["status"] == 200
    return [(one[0]["status"], dict(one[0]["headers"]), one[1]["body"]) for one in heard]


def test_who_finds_no_room_is_told_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_hop, "PENDING_MAX", 1)

    call, page = asyncio.run(while_full(("POST", "/api/v1/reservations/"), ("GET", "/view/")))

    assert (call[0], call[1][b"Content-Type"], call[1][b"Retry-After"]) == (503, b"application/problem+json", b"1")
    assert json.loads(call[2])["code"] == "UNAVAILABLE"
    assert json.loads(call[2])["request_id"] == call[1][b"X-Request-ID"].decode()
    assert (page[0], page[1][b"Content-Type"], page[1][b"Retry-After"]) == (503, b"text/plain; charset=utf-8", b"1")
    assert page[2] == b"The server is busy. Nothing was done; try again in a moment.\n"


def test_room_is_kept_by_a_call_whose_caller_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_hop, "PENDING_MAX", 1)

    async def hang_up() -> tuple[int, int]:
        handler = OneHop()
        gone = asyncio.create_task(heard_from(handler, "/slow/"))
        while not gate.n_waiting:
            await asyncio.sleep(0)
        gone.cancel()
        await asyncio.wait([gone])
        meanwhile = await heard_from(handler, "/view/")
        await asyncio.to_thread(gate.wait)
        handler._threads.shutdown()
        handler._threads = OneHop()._threads
        return meanwhile[0]["status"], (await heard_from(handler, "/view/"))[0]["status"]

    assert asyncio.run(hang_up()) == (503, 200)


def test_health_is_answered_in_the_loop_however_busy_the_threads_are(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """Through the whole chain, with all its headers, and without the database."""
    monkeypatch.setattr(one_hop, "PENDING_MAX", 1)
    settings.MIDDLEWARE = CHAIN
    settings.ALLOWED_HOSTS = ["*"]

    got, head, post = asyncio.run(while_full(("GET", "/healthz"), ("HEAD", "/healthz"), ("POST", "/healthz")))

    assert (got[0], json.loads(got[2]), head[0], post[0]) == (200, {"status": "ok"}, 200, 503)
    expected = Client().get("/healthz").headers
    changes = {"Expires", "X-Request-ID"}
    assert {name.decode(): value.decode() for name, value in got[1].items() if name.decode() not in changes} == {
        name: value for name, value in expected.items() if name not in changes
    }
    assert changes <= {name.decode() for name in got[1]}


def test_every_view_that_is_a_coroutine_is_awaited(settings: Settings) -> None:
    """Any other way it would hold a thread for as long as it waits."""
    found = [address for address, called in views(get_resolver("portal.urls")) if iscoroutinefunction(called)]

    assert found == ["/api/v1/reservations/<slug:code>/wait/"]
    assert [asgi.is_awaited(address) for address in found] == [True]
    assert not asgi.is_awaited("/api/v1/reservations/")
    assert asgi.is_awaited("/static/css/tokens.css")


def views(found: URLResolver, before: str = "") -> Iterator[tuple[str, Any]]:
    for one in found.url_patterns:
        address = f"{before}{one.pattern}" if before else f"/{one.pattern}".replace("//", "/")
        if isinstance(one, URLPattern):
            yield address, one.callback
        else:
            yield from views(one, address)
