"""Headers of every answer: the id it can be found by, and what a page may load."""

import asyncio
from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from portal.web.csp import STRICT, csp_override, header_of
from portal.web.middleware import RequestIdMiddleware, SecurityHeadersMiddleware
from tests.portal.cast import Cast

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def test_the_policy_is_written_as_browsers_read_it() -> None:
    assert header_of(STRICT) == POLICY


@pytest.mark.parametrize(("path", "status"), [("/login", 200), ("/static/css/tokens.css", 200), ("/nowhere/", 404)])
def test_every_answer_is_guarded(db: None, settings: Settings, path: str, status: int) -> None:
    settings.SERVESTATIC_USE_FINDERS = True

    answer = Client().get(path)

    assert answer.status_code == status
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Request-ID"].startswith("req-")


def test_a_view_may_say_what_its_page_needs_more() -> None:
    @csp_override({"default-src": ["'self'"]})
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert answer(SecurityHeadersMiddleware, view).headers["Content-Security-Policy"] == "default-src 'self'"


@pytest.mark.parametrize("given", ["abcdefgh", "A-1.b:c_d" * 7])
def test_a_sane_id_of_the_callers_is_kept(given: str) -> None:
    assert answer(RequestIdMiddleware, ok, given).headers["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given", ["short", "x" * 65, "with space", "-leading-dash", "line\nbreak-in-it", "ümlauts-are-out"]
)
def test_any_other_id_is_replaced(given: str) -> None:
    assert answer(RequestIdMiddleware, ok, given).headers["X-Request-ID"].startswith("req-")


@pytest.mark.parametrize("middleware", [RequestIdMiddleware, SecurityHeadersMiddleware])
def test_both_serve_an_asynchronous_chain(middleware: type) -> None:
    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("later")

    response = asyncio.run(middleware(view)(RequestFactory().get("/")))

    assert (response.content, len(response.headers)) == (
        b"later",
        {RequestIdMiddleware: 2, SecurityHeadersMiddleware: 4}[middleware],
    )


def test_the_id_reaches_the_journal(people: Cast) -> None:
    from scheduler.models import JournalEntry
    from tests.portal.web.world import typed

    people.browser("alice").post("/reservations/new/", typed(), headers={"X-Request-ID": "my-own-id-1"})

    assert set(JournalEntry.objects.filter(kind="reservation.confirmed").values_list("request_id", flat=True)) == {
        "my-own-id-1"
    }


def ok(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def answer(middleware: type, view: Callable[[HttpRequest], HttpResponse], given: str = "") -> HttpResponse:
    return middleware(view)(RequestFactory().get("/", headers={"X-Request-ID": given} if given else {}))
