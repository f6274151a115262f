"""The last touch on the generated schema: strict requests, headers, problem documents, examples and links. Pure."""

from collections.abc import Iterator
from typing import Any

from portal.api import examples, links, problem_schemas
from scheduler import limits

Schema = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
SLUG = "^[-a-zA-Z0-9_]+$"
HEADERS: dict[str, Schema] = {
    "RequestId": {
        "description": "Names this call in the journal, the logs and on the fabric; one's own is kept if it is sane.",
        "required": True,
        "schema": {"type": "string", "minLength": 8, "maxLength": 64},
    },
    "RetryAfter": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 0}},
    "ETag": {
        "description": "The version, for If-Match.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9]+"$'},
    },
    "Location": {
        "description": "Where it is from now on.",
        "required": True,
        "schema": {"type": "string", "format": "uri"},
    },
    "Challenge": {"description": "How one identifies oneself.", "required": True, "schema": {"type": "string"}},
}
ALWAYS = {"X-Request-ID": "RequestId"}
BY_STATUS = {
    "401": {"WWW-Authenticate": "Challenge"},
    "409": {"Retry-After": "RetryAfter"},
    "429": {"Retry-After": "RetryAfter"},
    "503": {"Retry-After": "RetryAfter"},
}
OF_ONE = {"ETag": "ETag"}
OF_NEW = {"Location": "Location"}
WITH_LOCATION = frozenset({"book", "make_webhook", "make_operators_webhook", "make_service_account"})
RESERVATION = "#/components/schemas/Reservation"
NULL = "NullEnum"
LISTS = {
    "mix": (1, limits.GROUPS_MAX),
    "groups": (1, limits.GROUPS_MAX),
    "lines": (0, limits.LINES_PER_GROUP_MAX),
    "first_of": (1, limits.FIRST_OF_MAX),
}
"""Least and most items of the lists of a request whose fields cannot say it."""


def finish(result: Schema, **_: object) -> Schema:
    """What the generator calls once it has everything from the views."""
    components = result["components"]
    components["schemas"] |= problem_schemas.shapes_of(components["schemas"]["Problem"])
    components["schemas"].pop("Problem")
    components["responses"] = problem_schemas.answers()
    components["headers"] = HEADERS
    for problem, answer in components["responses"].items():
        shape = components["schemas"][problem]
        _add_headers("", str(shape["properties"]["status"]["const"]), answer)
    components["schemas"].pop(NULL, None)
    _write_nulls_out(result)
    operations = list(operations_of(result))
    for operation in operations:
        _finish_operation(operation, components["schemas"])
    known = {operation["operationId"] for operation in operations}
    for operation in operations:
        links.add(operation, known)
    for shape in _shapes_of_requests(result):
        _close(shape)
    return result


def operations_of(document: Schema) -> Iterator[Schema]:
    for methods in document["paths"].values():
        yield from (methods[method] for method in METHODS if method in methods)


def _finish_operation(operation: Schema, schemas: Schema) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path" and parameter["schema"] == {"type": "string"}:
            parameter["schema"]["pattern"] = SLUG
    for status, answer in operation["responses"].items():
        if "$ref" not in answer:
            _add_headers(operation["operationId"], status, answer)
    _require_body(operation, schemas)
    operation["responses"] = dict(sorted(operation["responses"].items()))
    examples.add(operation)


def _require_body(operation: Schema, schemas: Schema) -> None:
    """A body of one of several kinds, each of which must say something."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        kinds = schemas.get(content["schema"].get("$ref", "").rpartition("/")[2], {}).get("oneOf", ())
        shapes = [schemas[kind["$ref"].rpartition("/")[2]] for kind in kinds]
        if shapes and all(shape.get("required") for shape in shapes):
            operation["requestBody"]["required"] = True


def _add_headers(operation_id: str, status: str, answer: Schema) -> None:
    wanted = ALWAYS | BY_STATUS.get(status, {})
    shown = answer.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref")
    if shown == RESERVATION:
        wanted = wanted | OF_ONE
    if status == "201" and operation_id in WITH_LOCATION:
        wanted = wanted | OF_NEW
    references = {name: {"$ref": f"#/components/headers/{component}"} for name, component in wanted.items()}
    answer["headers"] = {**references, **answer.get("headers", {})}
    answer["description"] = answer.get("description") or ("Made." if status == "201" else "Done.")


def _write_nulls_out(document: Schema) -> None:
    """A component for `null` is a class without a use in every generated client."""
    waiting: list[Any] = [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict) and one.get("$ref") == f"#/components/schemas/{NULL}":
            one.clear()
            one["type"] = "null"
        elif isinstance(one, dict | list):
            waiting.extend(one.values() if isinstance(one, dict) else one)


def _close(shape: Schema) -> None:
    """Unknown fields are refused, and lists are bounded, so the schema of whatever is sent says so."""
    shape.setdefault("additionalProperties", False)
    for name, (least, most) in LISTS.items():
        if name in shape["properties"]:
            shape["properties"][name] |= {"minItems": least, "maxItems": most}


def _shapes_of_requests(document: Schema) -> Iterator[Schema]:
    """Every object with named members that a body is, or has in it."""
    schemas = document["components"]["schemas"]
    waiting = [operation.get("requestBody", {}) for operation in operations_of(document)]
    seen: set[str] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            if one.get("type") == "object" and "properties" in one:
                yield one
            waiting.extend(one.values())
            name = str(one.get("$ref", "")).rpartition("/")[2]
            if name in schemas and name not in seen:
                seen.add(name)
                waiting.append(schemas[name])
