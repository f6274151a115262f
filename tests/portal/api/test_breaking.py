"""What breaks a program and what does not, change by change, worked out by hand."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from portal.api.breaking import breaks

Schema = dict[str, Any]
Change = Callable[[Schema], Any]


def small() -> Schema:
    """One operation with everything that is compared."""
    card = {
        "type": "object",
        "properties": {"name": {"type": "string", "maxLength": 9}, "kind": {"enum": ["a", "b"], "type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
    }
    shown = {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "state": {"enum": ["on"], "type": "string"},
            "next": {"$ref": "#/components/schemas/Shown"},
        },
        "required": ["id", "state"],
    }
    operation = {
        "operationId": "make",
        "parameters": [{"in": "query", "name": "limit", "schema": {"type": "integer", "minimum": 1, "maximum": 9}}],
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Card"}}}},
        "responses": {
            "201": {
                "headers": {"ETag": {}},
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Shown"}}},
            },
            "400": {"content": {}},
        },
    }
    return {"paths": {"/cards/": {"post": operation}}, "components": {"schemas": {"Card": card, "Shown": shown}}}


def operation(schema: Schema) -> Schema:
    found: Schema = schema["paths"]["/cards/"]["post"]
    return found


def card(schema: Schema) -> Schema:
    found: Schema = schema["components"]["schemas"]["Card"]
    return found


def shown(schema: Schema) -> Schema:
    found: Schema = schema["components"]["schemas"]["Shown"]
    return found


def limit(schema: Schema) -> Schema:
    found: Schema = operation(schema)["parameters"][0]
    return found


FINE: dict[str, Change] = {
    "nothing": lambda new: None,
    "a new operation": lambda new: new["paths"].update({"/more/": {"get": {"operationId": "x", "responses": {}}}}),
    "a new parameter": lambda new: operation(new)["parameters"].append({"in": "query", "name": "x", "schema": {}}),
    "a wider bound": lambda new: limit(new)["schema"].update(maximum=10, minimum=0),
    "a new field": lambda new: card(new)["properties"].update(more={"type": "string"}),
    "a field that may be null": lambda new: card(new)["properties"]["name"].update(type=["string", "null"]),
    "a value more to send": lambda new: card(new)["properties"]["kind"]["enum"].append("c"),
    "a field that need not be sent": lambda new: card(new)["required"].clear(),
    "a member more in the answer": lambda new: shown(new)["properties"].update(more={"type": "string"}),
    "a value more in the answer": lambda new: shown(new)["properties"]["state"]["enum"].append("off"),
    "another error": lambda new: operation(new)["responses"].update({"409": {}}),
    "an error less": lambda new: operation(new)["responses"].pop("400"),
    "another name of a component": lambda new: (
        new["components"]["schemas"].update(Kard=card(new)),
        operation(new)["requestBody"]["content"]["application/json"].update(
            schema={"$ref": "#/components/schemas/Kard"}
        ),
    ),
}
BREAKS: dict[str, tuple[Change, str]] = {
    "an operation less": (lambda new: new["paths"]["/cards/"].pop("post"), "is gone"),
    "another name": (lambda new: operation(new).update(operationId="do"), "operationId make is now do"),
    "a parameter less": (lambda new: operation(new)["parameters"].clear(), "query parameter limit is gone"),
    "a parameter that must be": (lambda new: limit(new).update(required=True), "query parameter limit is required now"),
    "a new one that must be": (
        lambda new: operation(new)["parameters"].append({"in": "query", "name": "x", "required": True, "schema": {}}),
        "query parameter x is new and required",
    ),
    "a lower ceiling": (
        lambda new: limit(new)["schema"].update(maximum=8),
        "query parameter limit: maximum is 8 now",
    ),
    "a higher floor": (lambda new: limit(new)["schema"].update(minimum=2), "query parameter limit: minimum is 2 now"),
    "a body that must be": (
        lambda new: operation(new)["requestBody"].update(required=True),
        "a body is required now",
    ),
    "no body": (lambda new: operation(new).pop("requestBody"), "takes no body any more"),
    "a field less": (lambda new: card(new)["properties"].pop("kind"), "body.kind is gone"),
    "a field that must be": (lambda new: card(new)["required"].append("kind"), "body.kind is required now"),
    "a shorter text": (
        lambda new: card(new)["properties"]["name"].update(maxLength=8),
        "body.name: maxLength is 8 now",
    ),
    "a pattern": (lambda new: card(new)["properties"]["name"].update(pattern="^x$"), "body.name: has another pattern"),
    "a value less to send": (
        lambda new: card(new)["properties"]["kind"]["enum"].remove("b"),
        "body.kind: 'b' is not taken any more",
    ),
    "another type to send": (
        lambda new: card(new)["properties"]["name"].update(type="integer"),
        "body.name: string is not taken any more",
    ),
    "a member less": (lambda new: shown(new)["properties"].pop("id"), "201.id is gone"),
    "a member that may be missing": (lambda new: shown(new)["required"].remove("id"), "201.id may be missing now"),
    "a member that may be null": (
        lambda new: shown(new)["properties"]["id"].update(type=["integer", "null"]),
        "201.id may be null now",
    ),
    "a header less": (lambda new: operation(new)["responses"]["201"]["headers"].clear(), "201: header ETag is gone"),
    "another success": (
        lambda new: operation(new)["responses"].update({"200": operation(new)["responses"].pop("201")}),
        "does not answer 201 any more",
    ),
}


@pytest.mark.parametrize("change", FINE)
def test_what_only_grows_breaks_nothing(change: str) -> None:
    old, new = small(), copy.deepcopy(small())
    FINE[change](new)

    assert breaks(old, new) == []


@pytest.mark.parametrize("change", BREAKS)
def test_what_narrows_or_goes_is_told(change: str) -> None:
    old, new = small(), copy.deepcopy(small())
    act, sentence = BREAKS[change]
    act(new)

    assert f"POST /cards/: {sentence}" in breaks(old, new)


def test_a_whole_path_that_goes_is_told_and_a_schema_within_itself_comes_to_an_end() -> None:
    assert breaks(small(), {"paths": {}, "components": {"schemas": {}}}) == ["POST /cards/: is gone"]
    assert breaks(small(), small()) == []
