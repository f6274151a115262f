"""The documentation for people says all that the schema says, from our own host, under the strict policy."""

import re
from typing import Any

from django.test import Client

from portal.api.docs_page import Kind, Piece, docs_page, kinds_of, text_of
from portal.web.csp import STRICT, header_of
from tests.portal.api.operation_ids import OPERATION_IDS
from tests.portal.api.test_schema import schema

__all__ = ["schema"]  # the fixture


def test_the_page_needs_no_other_host_and_no_exception(db: None) -> None:
    answer = Client().get("/api/docs/")
    page = answer.content.decode()

    assert answer["Content-Security-Policy"] == header_of(STRICT)
    assert page.count("<script") == page.count('<script src="/static/') > 0
    assert (page.count("<style"), page.count(" style=")) == (0, 0)
    assert re.findall(r'(?:src|href|action)="(?!/|#)[^"]*"', page) == []


def test_every_operation_shape_and_problem_is_on_it(schema: dict[str, Any]) -> None:
    page = docs_page(schema)

    assert {one.name for section in page.sections for one in section.operations} == set(OPERATION_IDS.values())
    assert [shape.name for shape in page.shapes] == sorted(schema["components"]["schemas"])
    named = {kind.shape for shape in page.shapes for field in shape.fields for kind in field.kinds if kind.shape}
    assert named - {shape.name for shape in page.shapes} == set()


def test_an_example_is_a_call_that_can_be_typed(schema: dict[str, Any]) -> None:
    calls = {one.name: one.examples for section in docs_page(schema).sections for one in section.operations}

    assert [example.command for example in calls["pool"]] == [
        'curl "$URL/api/v1/pools/lab/" -H "Authorization: Bearer $TOKEN"'
    ]
    assert calls["cancel"][0].command == (
        'curl -X POST "$URL/api/v1/reservations/$CODE/cancel/" -H "Authorization: Bearer $TOKEN" \\\n'
        '  -H "Content-Type: application/json" -d \'{\n  "reason": "no longer needed"\n}\''
    )
    assert "device.kind == '\\''gpu'\\''" in calls["quote"][1].command


def test_what_something_is_stands_there_in_words() -> None:
    card = {"$ref": "#/components/schemas/Card"}

    assert kinds_of({"type": ["integer", "null"], "minimum": 1}) == (Kind("whole number, at least 1"), Kind("null"))
    assert kinds_of({"oneOf": [card, {"type": "null"}]}) == (Kind("", "Card"), Kind("null"))
    assert kinds_of({"type": "array", "items": card, "maxItems": 16}) == (Kind("list, at most 16, of", "Card"),)
    assert kinds_of({"type": "object", "additionalProperties": {"type": "integer"}}) == (Kind("by name: whole number"),)
    assert kinds_of({"enum": ["a", "b"], "type": "string"}) == (Kind("a, b"),)
    assert kinds_of({"type": "string", "format": "date-time"}) == (Kind("time with offset"),)
    assert text_of("see `events/` for *it*") == (Piece("see ", False), Piece("events/", True), Piece(" for it", False))
