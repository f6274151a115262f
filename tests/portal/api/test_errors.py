"""Every error has one shape, whoever raised it."""

import json
from typing import Any

import pytest
from django.db import OperationalError

from portal.api.problems import Problem
from scheduler import limits
from tests.portal.cast import Caller, Cast, wish

MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}
EXTRA = {"INVALID": {"errors"}, "TOO_LARGE": {"errors"}}


def problem_of(answer: Any) -> dict[str, Any]:
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.content)
    assert set(body) == MEMBERS | EXTRA.get(body["code"], set())
    assert (body["status"], body["request_id"]) == (answer.status_code, answer["X-Request-ID"])
    return body


@pytest.mark.parametrize(
    ("method", "path", "headers", "code"),
    [
        ("get", "reservations/r-2222/", {}, "NOT_FOUND"),
        ("get", "nowhere/", {}, "NOT_FOUND"),
        ("get", "pools", {}, "NOT_FOUND"),
        ("get", "/api/", {}, "NOT_FOUND"),
        ("get", "pools/%00/", {}, "NOT_FOUND"),
        ("get", "reservations/r-2222%00/", {}, "NOT_FOUND"),
        ("delete", "pools/", {}, "METHOD_NOT_ALLOWED"),
        ("get", "quotes/", {}, "METHOD_NOT_ALLOWED"),
        ("get", "pools/", {"Accept": "text/html"}, "NOT_ACCEPTABLE"),
        ("get", "pools/", {"Authorization": "Bearer heddle_0_0"}, "UNAUTHENTICATED"),
        ("get", "pools/", {"Authorization": "Basic YTpi"}, "UNAUTHENTICATED"),
        ("get", "pools/?page=2", {}, "INVALID"),
        ("get", "pools/?limit=5&limit=6", {}, "INVALID"),
        ("get", "blocks/?pool=%00", {}, "INVALID"),
        ("get", "blocks/?zone=", {}, "INVALID"),
    ],
)
def test_problem_document_of_every_kind(
    people: Cast, method: str, path: str, headers: dict[str, str], code: str
) -> None:
    answer = getattr(people.caller("alice"), method)(path, **headers)

    body = problem_of(answer)
    assert (body["code"], answer.status_code) == (code, Problem[code].value.status)


def test_anonymous_is_told_how_to_identify(people: Cast) -> None:
    answer = Caller().get("pools/")

    assert problem_of(answer)["code"] == "UNAUTHENTICATED"
    assert answer["WWW-Authenticate"] == 'Bearer realm="heddle"'


def test_refused_token_is_told_so(people: Cast) -> None:
    answer = Caller("heddle_000000000000_" + "0" * 43).get("pools/")

    assert answer["WWW-Authenticate"] == 'Bearer realm="heddle", error="invalid_token"'


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"a=1", "application/x-www-form-urlencoded", "UNSUPPORTED_MEDIA_TYPE"),
        (b"--x--", "multipart/form-data", "UNSUPPORTED_MEDIA_TYPE"),
        (b"{}", "text/plain", "UNSUPPORTED_MEDIA_TYPE"),
        (b" " * (limits.BODY_BYTES_MAX + 1), "application/json", "TOO_LARGE"),
    ],
)
def test_body_that_is_not_read(people: Cast, body: bytes, kind: str, code: str) -> None:
    caller = people.caller("alice")

    answer = caller.client.post(
        "/api/v1/reservations/", data=body, content_type=kind, headers={"Authorization": f"Bearer {caller.token}"}
    )

    assert problem_of(answer)["code"] == code


def test_database_that_is_gone_is_503_with_a_time_to_try_again(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = people.caller("alice")

    def gone(**_: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("portal.api.v1.inventory.pool_page", gone)
    answer = caller.get("pools/")

    assert (problem_of(answer)["code"], answer["Retry-After"]) == ("UNAVAILABLE", "1")


def test_fault_of_ours_says_nothing_of_its_inside(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = people.caller("alice")

    def broken(**_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("portal.api.v1.inventory.pool_page", broken)
    answer = caller.get("pools/")

    assert (problem_of(answer)["code"], b"a secret" in answer.content) == ("INTERNAL", False)


def test_request_id_of_the_caller_is_kept(people: Cast) -> None:
    answer = people.caller("alice").get("nowhere/", X_Request_ID="my-request-1")

    assert (answer["X-Request-ID"], problem_of(answer)["request_id"]) == ("my-request-1", "my-request-1")


def test_field_errors_name_the_field(people: Cast) -> None:
    answer = people.caller("alice").post("reservations/", wish(0))

    assert problem_of(answer)["errors"] == [
        {"field": "mix[0].lines[0].count", "code": "too_small", "message": "Give at least 1."}
    ]
