"""The handler behind the web process: one thread a request, answers whole, connections given back."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import iscoroutinefunction
from django.core import signals
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, URLResolver, clear_url_caches, get_resolver, path
from pytest_django.fixtures import Settings

from portal import asgi
from portal.one_hop import OneHop

threads: list[str] = []


def view(request: HttpRequest) -> HttpResponse:
    threads.append(threading.current_thread().name)
    return HttpResponse(request.read())


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse([b"one ", b"two"])


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("no")


def said_to_handler(sender: object, **_: object) -> None:
    threads.append(f"finished {threading.current_thread().name}")


urlpatterns = [path("view/", view), path("stream/", stream), path("broken/", broken)]
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
    scope = {"type": "http", "method": "POST", "path": address, "query_string": b"", "headers": []}
    parts = iter([{"type": "http.request", "body": body, "more_body": False}])
    heard: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(parts, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        heard.append(message)

    await OneHop()(scope, receive, send)
    return heard[0]["status"], b"".join(message.get("body", b"") for message in heard)


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
