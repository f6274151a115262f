"""Read a JSON body strictly: bounded, without duplicate names or broken Unicode, and not too deep.

NaN and infinities are read, so that the field that carries one is refused by its name: no field takes them.
"""

import json
from typing import Any, NoReturn

from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request

from portal.api.errors import TooLarge
from scheduler import limits
from scheduler.refusals import FieldError, Invalid


def body_of(request: Request) -> Any:
    """The parsed body; an empty one is `{}`, as verbs may send. Raises Invalid, TooLarge, UnsupportedMediaType."""
    raw = _bounded(request)
    if not raw.strip():
        return {}
    kind = (request.content_type or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise UnsupportedMediaType(request.content_type or "")
    return parse(raw)


def parse(raw: bytes) -> Any:
    """Raises Invalid with one error on the field `body`."""
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_without_twins)
        _check(value)
    except UnicodeError:
        _unreadable("The body is not valid UTF-8 text.")
    except RecursionError:
        _unreadable(_TOO_DEEP)
    except ValueError as error:
        _unreadable(f"The body is not valid JSON: {error}.")
    return value


_TOO_DEEP = f"The body is nested more than {limits.JSON_DEPTH_MAX} deep."


def _bounded(request: Request) -> bytes:
    """Not `request.data`: that takes a chunked body for an empty one."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if announced.isdecimal() and int(announced) > limits.BODY_BYTES_MAX:
        raise TooLarge
    raw: bytes = request._request.read(limits.BODY_BYTES_MAX + 1)
    if len(raw) > limits.BODY_BYTES_MAX:
        raise TooLarge
    return raw


def _check(value: Any) -> None:
    """Depth, and text that no database and no answer could hold; without recursion of our own."""
    waiting = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, str):
            item.encode("utf-8")
        elif isinstance(item, dict | list):
            if depth > limits.JSON_DEPTH_MAX:
                _unreadable(_TOO_DEEP)
            inside = [*item.keys(), *item.values()] if isinstance(item, dict) else item
            waiting.extend((one, depth + 1) for one in inside)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"“{twin[:40]}” is given twice")
    return read


def _unreadable(message: str) -> NoReturn:
    raise Invalid([FieldError("body", "invalid", message)])
