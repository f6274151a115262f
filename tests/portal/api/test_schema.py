"""The schema is OpenAPI 3.1, names every endpoint and every error, and real answers are as it says."""

import json
from typing import Any

import jsonschema
import pytest
from django.test import Client

from portal.api.problem_schemas import component_name
from portal.api.problems import Problem
from scheduler import limits
from tests.portal.api.operation_ids import OPERATION_IDS
from tests.portal.cast import Cast, searched, wish


@pytest.fixture
def schema(db: None) -> dict[str, Any]:
    answer = Client().get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    read: dict[str, Any] = json.loads(answer.content)
    return read


def test_every_operation_has_the_name_it_always_had(schema: dict[str, Any]) -> None:
    names = {
        f"{method} {path.removeprefix('/api/v1/')}": operation["operationId"]
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }

    assert schema["openapi"] == "3.1.1"
    assert names == OPERATION_IDS
    assert len(set(names.values())) == len(names)


def test_documents_errors_as_problems(schema: dict[str, Any]) -> None:
    booking = schema["paths"]["/api/v1/reservations/"]["post"]["responses"]
    verb = schema["paths"]["/api/v1/reservations/{code}/cancel/"]["post"]["responses"]
    look = schema["paths"]["/api/v1/pools/"]["get"]["responses"]

    always = {"400", "401", "403", "406", "429", "500", "503"}
    assert set(look) == {"200", *always}
    assert set(booking) == {"201", *always, "409", "413", "415", "422"}
    assert set(verb) == {"200", *always, "404", "409", "412", "413", "415", "422"}
    assert codes_of(booking["409"], schema) == {"REFUSED", "POOL_BUSY", "STILL_RUNNING"}
    assert codes_of(verb["409"], schema) == {"REFUSED", "POOL_BUSY", "WRONG_STATE", "STILL_RUNNING"}
    assert codes_of(look["503"], schema) == {"UNAVAILABLE"}


def codes_of(answer: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """The codes of the problems that an answer may be."""
    content = resolved(answer, schema)["content"]
    assert list(content) == ["application/problem+json"]
    shape = content["application/problem+json"]["schema"]
    return {resolved(one, schema)["properties"]["code"]["const"] for one in shape.get("oneOf", [shape])}


def resolved(shape: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    found: Any = schema if "$ref" in shape else shape
    for word in shape.get("$ref", "").split("/")[1:]:
        found = found[word]
    return dict(found)


def test_every_answer_names_the_request_and_a_reservation_its_version(schema: dict[str, Any]) -> None:
    answers = {
        (operation["operationId"], status): set(resolved(answer, schema)["headers"])
        for methods in schema["paths"].values()
        for operation in methods.values()
        for status, answer in operation["responses"].items()
    }

    assert all("X-Request-ID" in headers for headers in answers.values())
    assert answers["book", "201"] == {"X-Request-ID", "ETag", "Location"}
    assert answers["wait", "200"] == answers["cancel", "200"] == {"X-Request-ID", "ETag"}
    assert answers["pools", "429"] == answers["book", "409"] == {"X-Request-ID", "Retry-After"}
    assert answers["pools", "401"] == {"X-Request-ID", "WWW-Authenticate"}


def test_whatever_is_sent_is_closed_and_bounded(schema: dict[str, Any]) -> None:
    shapes = schema["components"]["schemas"]

    assert {name for name in shapes if name.endswith("Request") and "properties" in shapes[name]} == {
        name for name in shapes if shapes[name].get("additionalProperties") is False
    }
    assert shapes["WishRequest"]["properties"]["mix"]["maxItems"] == limits.GROUPS_MAX
    assert shapes["GroupRequest"]["properties"]["lines"]["maxItems"] == limits.LINES_PER_GROUP_MAX
    assert shapes["FirstOfLineRequest"]["properties"]["first_of"]["maxItems"] == limits.FIRST_OF_MAX
    assert schema["paths"]["/api/v1/reservations/"]["post"]["requestBody"]["required"] is True


def test_links_lead_to_operations_that_there_are_and_by_names_that_they_take(schema: dict[str, Any]) -> None:
    operations = {one["operationId"]: one for methods in schema["paths"].values() for one in methods.values()}
    links = {
        f"{name} → {link['operationId']}": link
        for name, operation in operations.items()
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    }

    for link in links.values():
        taken = {one["name"] for one in operations[link["operationId"]].get("parameters", ())}
        assert set(link.get("parameters", ())) - taken == set(), link
    assert links["quote → book"]["requestBody"] == {"quote": "$response.body#/id"}
    assert {to.removeprefix("book → ") for to in links if to.startswith("book → ")} >= {
        "reservation", "wait", "reservation_events", "confirm", "cancel", "extend", "release"
    }  # fmt: skip


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
    answers["/api/v1/projects/{slug}/fair-share/", "get"] = alice.get("projects/team-chat/fair-share/")
    answers["/api/v1/rates/", "get"] = alice.get("rates/?pool=lab")
    answers["/api/v1/projects/{slug}/quota/", "get"] = alice.get("projects/team-chat/quota/")
    answers["/api/v1/reservations/{code}/", "get"] = alice.get(f"reservations/{code}/")

    for (path, method), answer in answers.items():
        described = schema["paths"][path][method]["responses"][str(answer.status_code)]
        check(described["content"]["application/json"]["schema"], schema, answer.json())


def test_problems_are_as_described(people: Cast, schema: dict[str, Any]) -> None:
    alice = people.caller("alice")
    seen = {}

    for answer in (
        alice.post("reservations/", wish(13)),
        alice.post("reservations/", {}),
        alice.get("nowhere/"),
        alice.post("pools/", {}),
        Client().get("/api/v1/pools/"),
    ):
        code = answer.json()["code"]
        check(schema["components"]["schemas"][component_name(Problem[code])], schema, answer.json())
        seen[code] = answer.status_code

    assert seen == {"REFUSED": 409, "INVALID": 400, "NOT_FOUND": 404, "METHOD_NOT_ALLOWED": 405, "UNAUTHENTICATED": 401}


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
