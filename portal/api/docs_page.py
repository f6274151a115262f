"""The schema as a page for people: what the template shows, word for word. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portal.api.problems import Problem

Schema = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
BOUNDS = (
    ("minimum", "at least {}"),
    ("maximum", "at most {}"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {}"),
    ("maxItems", "at most {}"),
)
TYPES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null"}
FORMATS = {"date-time": "time with offset", "uri": "address"}
VALUES_SHOWN_MAX = 40


@dataclass(frozen=True, slots=True)
class Kind:
    """What something is: words around the name of a shape that the page describes further down."""

    words: str
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Of a text: what stands between back-ticks is code."""

    words: str
    is_code: bool


Text = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kinds: tuple[Kind, ...]
    note: Text
    is_required: bool


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    words: str
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Example:
    title: str
    command: str


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    method: str
    path: str
    title: Text
    more: Text
    parameters: tuple[Field, ...]
    body: tuple[Kind, ...]
    examples: tuple[Example, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    note: Text
    fields: tuple[Field, ...]
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class DocsPage:
    description: str
    sections: tuple[Section, ...]
    shapes: tuple[Shape, ...]
    problems: tuple[Problem, ...]


def docs_page(document: Schema) -> DocsPage:
    sections: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                made = _operation(method, path, methods[method], document)
                sections.setdefault(methods[method]["tags"][0], []).append(made)
    shapes = document["components"]["schemas"]
    return DocsPage(
        description=document["info"]["description"],
        sections=tuple(Section(name, tuple(operations)) for name, operations in sections.items()),
        shapes=tuple(_shape(name, shapes[name]) for name in sorted(shapes)),
        problems=tuple(Problem),
    )


def _operation(method: str, path: str, one: Schema, document: Schema) -> Operation:
    title, _, more = one.get("description", one["operationId"]).partition("\n\n")
    contents = one.get("requestBody", {}).get("content", {}).values()
    return Operation(
        name=one["operationId"],
        method=method.upper(),
        path=path,
        title=text_of(title),
        more=text_of(more),
        parameters=tuple(
            _field(parameter["name"], parameter["schema"], bool(parameter.get("required")), _note_of(parameter))
            for parameter in one.get("parameters", ())
        ),
        body=tuple(kind for content in contents for kind in kinds_of(content["schema"])),
        examples=tuple(_examples(method, path, one)),
        answers=tuple(_answer(status, answer, document) for status, answer in one["responses"].items()),
    )


def _note_of(parameter: Schema) -> str:
    where = {"query": "", "path": "In the path.", "header": "A header."}[parameter["in"]]
    return " ".join(words for words in (parameter.get("description", ""), where) if words)


def _examples(method: str, path: str, one: Schema) -> Iterator[Example]:
    """As one types it; `$URL` and `$TOKEN` are one's own."""
    words = {parameter["name"]: parameter.get("example") for parameter in one.get("parameters", ())}
    address = path
    for name, word in words.items():
        address = address.replace(f"{{{name}}}", str(word) if word else f"${name.upper()}")
    verb = "" if method == "get" else f" -X {method.upper()}"
    command = f'curl{verb} "$URL{address}" -H "Authorization: Bearer $TOKEN"'
    shown = [
        example
        for content in one.get("requestBody", {}).get("content", {}).values()
        for example in content.get("examples", {}).values()
    ]
    if not shown:
        yield Example("", command)
    for example in shown:
        body = json.dumps(example["value"], indent=2).replace("'", "'\\''")
        yield Example(example["summary"], f"{command} \\\n  -H \"Content-Type: application/json\" -d '{body}'")


def _answer(status: str, answer: Schema, document: Schema) -> Answer:
    found = answer
    if "$ref" in answer:
        found = document["components"]["responses"][str(answer["$ref"]).rpartition("/")[2]]
    kinds = [kind for content in found.get("content", {}).values() for kind in kinds_of(content["schema"])]
    return Answer(status=status, words=found["description"], kinds=tuple(kinds))


def _shape(name: str, shape: Schema) -> Shape:
    required = set(shape.get("required", ()))
    members = shape.get("properties")
    return Shape(
        name=name,
        note=text_of(shape.get("description", "")),
        fields=tuple(_field(key, value, key in required, "") for key, value in (members or {}).items()),
        kinds=() if members is not None else kinds_of(shape),
    )


def _field(name: str, shape: Schema, is_required: bool, note: str) -> Field:
    return Field(
        name=name, kinds=kinds_of(shape), note=text_of(note or shape.get("description", "")), is_required=is_required
    )


def text_of(text: str) -> Text:
    parts = text.replace("*", "").split("`")
    return tuple(Piece(words, nth % 2 == 1) for nth, words in enumerate(parts) if words)


def kinds_of(shape: Schema) -> tuple[Kind, ...]:
    """What may stand there; a reader puts “or” between them."""
    if "$ref" in shape:
        return (Kind("", str(shape["$ref"]).rpartition("/")[2]),)
    for word in ("oneOf", "anyOf", "allOf"):
        if word in shape:
            return tuple(kind for one in shape[word] for kind in kinds_of(one))
    if (values := [shape["const"]] if "const" in shape else shape.get("enum")) is not None:
        return (Kind(", ".join(str(value) for value in values[:VALUES_SHOWN_MAX])),)
    types = shape.get("type", "anything")
    return tuple(kind for one in (types if isinstance(types, list) else [types]) for kind in _of_type(str(one), shape))


def _of_type(name: str, shape: Schema) -> tuple[Kind, ...]:
    bounds = [words.format(shape[word]) for word, words in BOUNDS if word in shape and name != "null"]
    end = f", {', '.join(bounds)}" if bounds else ""
    if name == "array":
        inside = kinds_of(shape.get("items", {}))
        return tuple(Kind(f"list{end}, of {kind.words}".rstrip(), kind.shape) for kind in inside)
    values = shape.get("additionalProperties")
    if name == "object" and isinstance(values, Mapping) and values:
        return tuple(Kind(f"by name: {kind.words}", kind.shape) for kind in kinds_of(values))
    return (Kind(f"{FORMATS.get(shape.get('format', ''), TYPES.get(name, name))}{end}"),)
