"""The schema is OpenAPI 3.1, names every endpoint and every error, and real answers are as it says."""

import json
from typing import Any

import jsonschema
import pytest
from django.test import Client

from tests.portal.cast import Cast, searched, wish


@pytest.fixture
def schema(db: None) -> dict[str, Any]:
    answer = Client().get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    read: dict[str, Any] = json.loads(answer.content)
    return read


def test_names_every_endpoint(schema: dict[str, Any]) -> None:
    operations = {f"{method} {path}" for path, methods in schema["paths"].items() for method in methods}

    assert schema["openapi"] == "3.1.1"
    assert operations == {
        "get /api/v1/pools/",
        "get /api/v1/pools/{code}/",
        "get /api/v1/device-classes/",
        "get /api/v1/hosts/",
        "get /api/v1/blocks/",
        "get /api/v1/maintenance/",
        "get /api/v1/projects/",
        "get /api/v1/projects/{slug}/quota/",
        "post /api/v1/quotes/",
        "post /api/v1/slots/",
        "get /api/v1/availability/",
        "get /api/v1/reservations/",
        "post /api/v1/reservations/",
        "get /api/v1/reservations/{code}/",
        "post /api/v1/reservations/{code}/confirm/",
        "post /api/v1/reservations/{code}/cancel/",
        "post /api/v1/reservations/{code}/extend/",
        "post /api/v1/reservations/{code}/release/",
        "get /api/v1/reservations/{code}/swap/",
        "post /api/v1/reservations/{code}/swap/",
        "get /api/v1/reservations/{code}/wait/",
        "get /api/v1/reservations/{code}/events/",
        "get /api/v1/events/",
        "get /api/v1/tokens/",
        "post /api/v1/tokens/",
        "delete /api/v1/tokens/{prefix}/",
    }


def test_documents_errors_as_problems(schema: dict[str, Any]) -> None:
    booking = schema["paths"]["/api/v1/reservations/"]["post"]["responses"]
    verb = schema["paths"]["/api/v1/reservations/{code}/cancel/"]["post"]["responses"]

    errors = {"400", "401", "403", "406", "409", "413", "415", "422", "429", "503"}
    assert set(booking) == {"201", *errors}
    assert set(verb) == {"200", "404", "412", *errors}
    assert {tuple(booking[status]["content"]) for status in errors} == {("application/problem+json",)}


def test_answers_are_as_described(people: Cast, schema: dict[str, Any]) -> None:
    alice = people.caller("alice")
    code = alice.post("reservations/", wish(hold_minutes=10)).json()["code"]
    answers = {
        ("/api/v1/quotes/", "post"): alice.post("quotes/", wish()),
        ("/api/v1/slots/", "post"): alice.post("slots/", searched(limit=2)),
        ("/api/v1/availability/", "get"): alice.get("availability/?pool=lab&hours=4"),
        ("/api/v1/reservations/", "post"): alice.post("reservations/", wish()),
        ("/api/v1/tokens/", "post"): alice.post("tokens/", {"name": "x"}),
        ("/api/v1/reservations/{code}/confirm/", "post"): alice.post(f"reservations/{code}/confirm/"),
    }
    for path in (
        "pools/",
        "device-classes/",
        "maintenance/",
        "hosts/",
        "blocks/",
        "projects/",
        "reservations/",
        "events/",
        "tokens/",
    ):
        answers[f"/api/v1/{path}", "get"] = alice.get(path)
    answers["/api/v1/pools/{code}/", "get"] = alice.get("pools/lab/")
    answers["/api/v1/projects/{slug}/quota/", "get"] = alice.get("projects/team-chat/quota/")
    answers["/api/v1/reservations/{code}/", "get"] = alice.get(f"reservations/{code}/")

    for (path, method), answer in answers.items():
        described = schema["paths"][path][method]["responses"][str(answer.status_code)]
        check(described["content"]["application/json"]["schema"], schema, answer.json())


def test_problems_are_as_described(people: Cast, schema: dict[str, Any]) -> None:
    alice = people.caller("alice")
    shape = schema["components"]["schemas"]["Problem"]

    for answer in (alice.post("reservations/", wish(13)), alice.post("reservations/", {}), alice.get("nowhere/")):
        check(shape, schema, answer.json())


def check(shape: dict[str, Any], schema: dict[str, Any], answer: Any) -> None:
    """Every member is described, and described as it is."""
    whole = {**shape, "components": closed(schema["components"])}
    jsonschema.Draft202012Validator(whole).validate(answer)


def closed(components: Any) -> Any:
    """The same with nothing allowed beside what is described."""
    if isinstance(components, list):
        return [closed(one) for one in components]
    if not isinstance(components, dict):
        return components
    read = {name: closed(value) for name, value in components.items()}
    return {**read, "additionalProperties": False} if "properties" in read and "type" in read else read


def test_docs_load_nothing_from_elsewhere(db: None) -> None:
    page = Client().get("/api/docs/").content.decode()

    assert "https://" not in page.replace("https://github.com", "")
    assert page.count("<script src=") == page.count("<script") > 0
