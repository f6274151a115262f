"""Examples with dates: only where the operation is, beside those that are there; the schema itself stays."""

from datetime import UTC, datetime

from portal.runtime.contract_examples import bodies_at, with_dates

NOON = datetime(2030, 5, 13, 12, tzinfo=UTC)


def operation(name: str) -> dict:
    return {"operationId": name, "requestBody": {"content": {"application/json": {"examples": {"a": {"value": 1}}}}}}


def test_an_operation_gets_its_example_and_others_none() -> None:
    schema = {"paths": {"/alerts/": {"post": operation("make_alert")}, "/quotes/": {"post": operation("quote")}}}

    shown = with_dates(schema, now=NOON)

    made, quoted = (
        shown["paths"][path]["post"]["requestBody"]["content"]["application/json"]["examples"]
        for path in ("/alerts/", "/quotes/")
    )
    assert made == {"a": {"value": 1}, "dated": {"value": bodies_at(NOON)["make_alert"]}}
    assert (quoted, schema["paths"]["/alerts/"]["post"]) == ({"a": {"value": 1}}, operation("make_alert"))


def test_moments_are_ahead_of_the_run() -> None:
    bodies = bodies_at(NOON)

    assert bodies["make_series"]["starts_local"] == "2030-05-14T10:00"
    assert bodies["make_alert"]["not_after"] == bodies["delegate"]["ends_at"] == "2030-05-20T12:00:00+00:00"
