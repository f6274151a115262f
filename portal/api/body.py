"""Read a JSON body strictly: bounded, without duplicate names or text that nobody can keep, and not too deep.

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
    """Raises Invalid with one error: on the field `body`, or on the one whose text cannot be kept."""
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_without_twins)
        _check_depth(value)
    except UnicodeError:
        _unreadable("The body is not valid UTF-8 text.")
    except RecursionError:
        _unreadable(_TOO_DEEP)
    except ValueError as error:
        _unreadable(f"The body is not valid JSON: {error}.")
    if ESCAPE in raw:  # what is written as it is was read as UTF-8, and has neither
        _check_texts(value)
    return value


FIELD_CHARS_MAX = 200
ESCAPE = b"\\u"
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


def _check_depth(value: Any) -> None:
    """Without recursion of our own."""
    waiting = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, dict | list):
            if depth > limits.JSON_DEPTH_MAX:
                _unreadable(_TOO_DEEP)
            waiting.extend((one, depth + 1) for one in (item.values() if isinstance(item, dict) else item))


def _check_texts(value: Any) -> None:
    """Half a surrogate pair is no character, and a zero ends the text of a database: neither can be kept."""
    waiting: list[tuple[Any, str]] = [(value, "")]
    while waiting:
        item, path = waiting.pop()
        names: list[str] = [item] if isinstance(item, str) else []
        if isinstance(item, dict):
            names = list(item)
            waiting.extend((one, f"{path}.{name}" if path else name) for name, one in item.items())
        elif isinstance(item, list):
            waiting.extend((one, f"{path}[{at}]") for at, one in enumerate(item))
        if not all(_can_be_kept(name) for name in names):
            message = "The text has a zero, or half a character: neither can be kept."
            raise Invalid([FieldError(path[:FIELD_CHARS_MAX] or "body", "invalid", message)])


def _can_be_kept(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        named = twin[:40].encode("utf-8", "replace").decode()  # the answer says it
        raise ValueError(f"“{named}” is given twice")
    return read


def _unreadable(message: str) -> NoReturn:
    raise Invalid([FieldError("body", "invalid", message)])
