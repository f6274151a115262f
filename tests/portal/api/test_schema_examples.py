"""Every example of the schema is one that its own schema allows, and that runs as it stands."""

from collections.abc import Iterator
from typing import Any

from tests.portal.api.test_schema import check, schema
from tests.portal.cast import Cast, wish

__all__ = ["schema"]  # the fixture

OPERATORS = frozenset({"make_operators_webhook", "webhooks"})


def test_every_example_is_allowed_and_runs(people: Cast, schema: dict[str, Any]) -> None:
    alice, olga = people.caller("alice"), people.caller("olga")
    names = {
        "slug": "team-chat",
        "name": alice.post("projects/team-chat/service-accounts/", {"name": "bot"}).json()["name"],
        "code": "",
    }
    refused, ran = {}, set()

    for operation, method, path, body, shape in examples_of(schema):
        check(shape, schema, body)
        if "webhooks/" in path:
            names["code"] = alice.post("projects/team-chat/webhooks/", {"url": "https://example.com/"}).json()["code"]
        elif "{code}" in path:
            names["code"] = alice.post("reservations/", wish()).json()["code"]
        answer = getattr(olga if operation in OPERATORS else alice, method)(path.format(**names), body)
        ran.add(operation)
        if answer.status_code >= 300:
            refused[operation] = answer.json()

    assert refused == {}
    assert ran >= {"quote", "slots", "book", "resize", "cancel", "release", "make_token", "make_webhook"}


def examples_of(document: dict[str, Any]) -> Iterator[tuple[str, str, str, Any, dict[str, Any]]]:
    """Operation, method, path, and every body with its schema."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                for example in content.get("examples", {}).values():
                    yield operation["operationId"], method, path, example["value"], content["schema"]
