"""Every dead end has a page of its own, with a way back and the number to ask about."""

import json
from collections.abc import Callable

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from portal.web.present.errors import DEAD_ENDS
from portal.web.views.errors import bad_request, broken, csrf_failed, error_page, forbidden, not_found
from tests.portal.cast import Cast


@pytest.mark.parametrize(("error", "status"), [(OperationalError("gone"), 503), (ValueError("a fault of ours"), 500)])
def test_a_database_that_is_away_is_told_from_a_fault_of_ours(error: Exception, status: int) -> None:
    try:
        raise error
    except Exception:
        response = broken(RequestFactory().get("/"))

    assert (response.status_code, response.headers.get("Retry-After")) == (status, "5" if status == 503 else None)
    assert str(error) not in response.content.decode()


def test_a_page_that_is_not_there_shows_the_way_back_and_its_number(db: None) -> None:
    response = Client().get("/nowhere/", headers={"X-Request-ID": "number-12345"})

    assert response.status_code == 404
    assert ('href="/"' in response.content.decode(), "number-12345" in response.content.decode()) == (True, True)


def test_a_form_from_elsewhere_is_refused_in_words(people: Cast) -> None:
    response = people.browser("alice", is_checking_csrf=True).post("/account/zone/", {"time_zone": "UTC"})

    assert response.status_code == 403
    assert "could not be tied to your session" in response.content.decode()


@pytest.mark.parametrize(
    ("name", "path", "sent"),
    [
        ("olga", "/delegations/", {"to": "bob", "project": "a\x00", "ends_at": "2030-05-20T08:00"}),
        ("alice", "/projects/team-chat/members/add/", {"username": ["char\x00lie", "bob"], "role": "viewer"}),
    ],
)
def test_no_form_of_ours_has_a_zero_character(people: Cast, name: str, path: str, sent: dict[str, str]) -> None:
    """The database refuses to be asked for one; the browser still has what was typed."""
    response = people.browser(name).post(path, sent)

    assert (response.status_code, "Nothing was changed." in response.content.decode()) == (400, True)


@pytest.mark.parametrize(
    ("fail", "code"),
    [
        (lambda request: bad_request(request), "INVALID"),
        (lambda request: forbidden(request), "FORBIDDEN"),
        (lambda request: csrf_failed(request), "FORBIDDEN"),
        (lambda request: not_found(request), "NOT_FOUND"),
        (lambda request: broken(request), "INTERNAL"),
    ],
)
def test_a_program_is_told_in_a_problem_document(fail: Callable[[HttpRequest], HttpResponse], code: str) -> None:
    response = fail(RequestFactory().get("/api/v1/pools/"))

    body = json.loads(response.content)
    assert (body["code"], body["status"]) == (code, response.status_code)
    assert body.get("errors") == ([] if code == "INVALID" else None)
    assert ("page" in body["detail"], response["Content-Type"]) == (False, "application/problem+json")


def test_a_program_that_names_a_host_that_is_not_ours_is_told_so(db: None) -> None:
    response = Client(raise_request_exception=False).get("/api/v1/pools/", headers={"Host": "elsewhere.example"})

    assert (response.status_code, json.loads(response.content)["code"]) == (400, "INVALID")


def test_a_program_is_told_when_to_ask_a_database_again_that_is_away() -> None:
    try:
        raise OperationalError("gone")
    except OperationalError:
        response = broken(RequestFactory().get("/api/v1/pools/"))

    assert (json.loads(response.content)["code"], response.headers["Retry-After"]) == ("UNAVAILABLE", "5")


def test_each_says_what_happened_and_what_to_do_to_who_is_not_signed_in() -> None:
    """Without a database: a page that needs it could not tell that it is away."""
    request = RequestFactory().get("/somewhere/")
    request.request_id = "number-12345"  # type: ignore[attr-defined]
    assert sorted(DEAD_ENDS) == [400, 403, 404, 405, 409, 412, 413, 429, 500, 503]

    for status, end in DEAD_ENDS.items():
        response = error_page(request, status)
        words = response.content.decode()

        assert response.status_code == status
        missing = [
            said for said in (end.title, end.happened, end.remedy, "number-12345", 'href="/"') if said not in words
        ]
        assert missing == []


@pytest.mark.parametrize(
    ("referrer", "way_back"),
    [
        ("http://testserver/projects/?text=a", "/projects/?text=a"),
        ("http://evil.example/projects/", ""),
        ("http://testserver//evil.example/", ""),
        ("http://testserver/nowhere/", ""),
        ("http://[not-an-address/", ""),
        ("", ""),
    ],
)
def test_the_way_back_is_to_the_page_of_ours_that_led_here(referrer: str, way_back: str) -> None:
    request = RequestFactory().get("/nowhere/", headers={"Referer": referrer, "Host": "testserver"})

    words = not_found(request).content.decode()

    assert f'<a class="btn pri" href="{way_back or "/"}">{"Go back" if way_back else "Front page"}</a>' in words


def test_a_forms_address_opened_as_a_page_says_so_and_which_method_it_takes(people: Cast) -> None:
    response = people.browser("alice").get("/account/zone/")

    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert DEAD_ENDS[405].title in response.content.decode()


def test_a_form_that_is_too_large_is_told_from_one_that_cannot_be_read() -> None:
    response = bad_request(RequestFactory().post("/reservations/new/"), RequestDataTooBig())

    assert response.status_code == 413
    assert DEAD_ENDS[413].title in response.content.decode()


def test_a_program_that_uses_a_wrong_method_keeps_its_problem_document(people: Cast) -> None:
    response = people.caller("alice").delete("pools/")

    assert (response.status_code, response.headers["Content-Type"]) == (405, "application/problem+json")
