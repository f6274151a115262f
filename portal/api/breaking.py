"""What of a new schema breaks programs written against the old one. Pure.

What one may send can only grow, what is answered can only gain members: an operation, a parameter, a field or a value
that goes, or a bound that narrows, is a break. New error codes and new values in answers are none: programs are told to
expect them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
LEAST = ("minimum", "minLength", "minItems")
MOST = ("maximum", "maxLength", "maxItems")
LOOKED_AT = 40  # names deep; a schema that is in itself is not followed for ever


def breaks(old: Schema, new: Schema) -> list[str]:
    """A sentence each, always in the same words, so that it can be declared."""
    return sorted({*_of_paths(old, new)})


def _of_paths(old: Schema, new: Schema) -> Iterator[str]:
    for path, methods in old["paths"].items():
        for method in METHODS:
            if method in methods:
                there = new["paths"].get(path, {}).get(method)
                label = f"{method.upper()} {path}"
                if there is None:
                    yield f"{label}: is gone"
                else:
                    yield from (f"{label}: {what}" for what in _of_operation(methods[method], there, old, new))


def _of_operation(before: Schema, after: Schema, old: Schema, new: Schema) -> Iterator[str]:
    if before["operationId"] != after["operationId"]:
        yield f"operationId {before['operationId']} is now {after['operationId']}"
    yield from _of_parameters(before, after, _Sent(old, new))
    yield from _of_body(before.get("requestBody"), after.get("requestBody"), _Sent(old, new))
    for status, answer in before["responses"].items():
        if status.startswith("2"):
            yield from _of_answer(status, answer, after["responses"].get(status), _Answered(old, new))


def _of_parameters(before: Schema, after: Schema, way: "_Way") -> Iterator[str]:
    was = {(one["in"], one["name"]): one for one in before.get("parameters", ())}
    now = {(one["in"], one["name"]): one for one in after.get("parameters", ())}
    for key, one in was.items():
        name = f"{key[0]} parameter {key[1]}"
        if key not in now:
            yield f"{name} is gone"
            continue
        yield from way.compare(one["schema"], now[key]["schema"], name)
        if now[key].get("required") and not one.get("required"):
            yield f"{name} is required now"
    for key, one in now.items():
        if key not in was and one.get("required"):
            yield f"{key[0]} parameter {key[1]} is new and required"


def _of_body(before: Schema | None, after: Schema | None, way: "_Way") -> Iterator[str]:
    if before is None:
        if after is not None and after.get("required"):
            yield "a body is required now"
        return
    if after is None:
        yield "takes no body any more"
        return
    if after.get("required") and not before.get("required"):
        yield "a body is required now"
    yield from _of_content(before, after, way, "body")


def _of_answer(status: str, before: Schema, after: Schema | None, way: "_Way") -> Iterator[str]:
    if after is None:
        yield f"does not answer {status} any more"
        return
    for name in before.get("headers", {}).keys() - after.get("headers", {}).keys():
        yield f"{status}: header {name} is gone"
    yield from _of_content(before, after, way, status)


def _of_content(before: Schema, after: Schema, way: "_Way", place: str) -> Iterator[str]:
    for kind, content in before.get("content", {}).items():
        there = after.get("content", {}).get(kind)
        if there is None:
            yield f"{place}: {kind} is gone"
        else:
            yield from way.compare(content["schema"], there["schema"], place)


@dataclass
class _Way:
    """Compares two shapes; which differences matter hangs on who sends them."""

    old: Schema
    new: Schema
    depth: int = 0

    def compare(self, before: Schema, after: Schema, place: str) -> Iterator[str]:
        if self.depth > LOOKED_AT:
            return
        self.depth += 1
        was, now = alternatives(before, self.old), alternatives(after, self.new)
        for label, shape in was.items():
            match = now.get(label) or _only_of_type(now, shape)
            if match is None:
                yield from self.without(label, place)
            else:
                yield from self.details(shape, match, place)
        yield from self.additional(was, now, place)
        self.depth -= 1

    def details(self, was: Schema, now: Schema, place: str) -> Iterator[str]:
        before, after = was.get("properties", {}), now.get("properties", {})
        for name in before:
            inside = f"{place}.{name}"
            if name in after:
                yield from self.compare(before[name], after[name], inside)
            else:
                yield f"{inside} is gone"
        for word, ending in (("items", "[]"), ("additionalProperties", ".*")):
            if isinstance(was.get(word), Mapping) and isinstance(now.get(word), Mapping):
                yield from self.compare(was[word], now[word], place + ending)
        if was.get("format") != now.get("format"):
            yield f"{place}: format {was.get('format')} is now {now.get('format')}"
        yield from self.bounds(was, now, place)

    def without(self, label: str, place: str) -> Iterator[str]:
        raise NotImplementedError

    def additional(self, was: Mapping[str, Schema], now: Mapping[str, Schema], place: str) -> Iterator[str]:
        raise NotImplementedError

    def bounds(self, was: Schema, now: Schema, place: str) -> Iterator[str]:
        raise NotImplementedError


class _Sent(_Way):
    """What programs send: whatever was allowed must stay so."""

    def without(self, label: str, place: str) -> Iterator[str]:
        yield f"{place}: {label} is not taken any more"

    def additional(self, was: Mapping[str, Schema], now: Mapping[str, Schema], place: str) -> Iterator[str]:
        yield from ()

    def bounds(self, was: Schema, now: Schema, place: str) -> Iterator[str]:
        for name in sorted(set(now.get("required", ())) - set(was.get("required", ()))):
            yield f"{place}.{name} is required now"
        for value in _values(was) or ():
            if (kept := _values(now)) is not None and value not in kept:
                yield f"{place}: {value!r} is not taken any more"
        if _values(was) is None and _values(now) is not None:
            yield f"{place}: only some values are taken now"
        for word in (*LEAST, *MOST):
            if _is_narrower(was.get(word), now.get(word), is_least=word in LEAST):
                yield f"{place}: {word} is {now[word]} now"
        if now.get("pattern") not in (None, was.get("pattern")):
            yield f"{place}: has another pattern"
        if now.get("additionalProperties") is False and was.get("additionalProperties") is not False:
            yield f"{place}: takes no other fields any more"


class _Answered(_Way):
    """What programs read: whatever was there must stay, and be no more than it was."""

    def without(self, label: str, place: str) -> Iterator[str]:
        yield from ()

    def additional(self, was: Mapping[str, Schema], now: Mapping[str, Schema], place: str) -> Iterator[str]:
        for label, shape in now.items():
            if label not in was and _only_of_type(was, shape) is None:
                yield f"{place} may be {label} now"

    def bounds(self, was: Schema, now: Schema, place: str) -> Iterator[str]:
        for name in sorted(set(was.get("required", ())) - set(now.get("required", ()))):
            if name in now.get("properties", {}):
                yield f"{place}.{name} may be missing now"


def alternatives(shape: Schema, document: Schema) -> dict[str, Schema]:
    """What it may be, by the name of a component or of a type; references are followed."""
    if "$ref" in shape:
        name = str(shape["$ref"]).rpartition("/")[2]
        found = alternatives(document["components"]["schemas"][name], document)
        return {name: next(iter(found.values()))} if len(found) == 1 and "object" in found else found
    for word in ("oneOf", "anyOf", "allOf"):
        if word in shape:
            return {label: one for inner in shape[word] for label, one in alternatives(inner, document).items()}
    types = shape.get("type")
    names = types if isinstance(types, list) else [types or ("value" if "enum" in shape else "anything")]
    return {str(name): shape for name in names}


def _only_of_type(found: Mapping[str, Schema], shape: Schema) -> Schema | None:
    """A component that has another name now is the same on the wire."""
    same = [one for one in found.values() if one.get("type") == shape.get("type") == "object"]
    return same[0] if len(same) == 1 else None


def _values(shape: Schema) -> list[Any] | None:
    found = [shape["const"]] if "const" in shape else shape.get("enum")
    return None if found is None else list(found)


def _is_narrower(was: float | None, now: float | None, *, is_least: bool) -> bool:
    if now is None:
        return False
    if was is None:
        return not (is_least and now == 0)
    return now > was if is_least else now < was
