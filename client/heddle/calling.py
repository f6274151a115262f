"""What a request is, and how one is made: with its key, its path, and what JSON can say. Pure, but for the keys."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit
from uuid import uuid4

from heddle.problems import Unsendable
from heddle.shapes import Page

Answer = TypeVar("Answer")
SAFE = frozenset({"GET", "DELETE"})  # nothing happens twice by sending it twice
JSON = "application/json"
CSV = "text/csv"
PAGE_ROWS = 200
KEY_CHARS_MAX = 255

Wish = Mapping[str, Any]
Moment = datetime | str
Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Call(Generic[Answer]):
    """`path` is below /api/v1/; `key` goes as Idempotency-Key, `version` as If-Match.

    `seconds` is how long the portal itself may take before it answers, as a long poll does.
    """

    method: str
    path: str
    query: Query = ()
    body: Any = None
    key: str = ""
    version: int | None = None
    accept: str = JSON
    seconds: float = 0

    @property
    def is_repeatable(self) -> bool:
        return self.method in SAFE or bool(self.key)

    @property
    def headers(self) -> dict[str, str]:
        named = {"Accept": self.accept}
        if self.key:
            named["Idempotency-Key"] = self.key
        if self.version is not None:
            named["If-Match"] = f'"{self.version}"'
        return named


def following(call: Call[Page[Answer]], page: Page[Answer]) -> Call[Page[Answer]] | None:
    """The call for the next page. Only the query of `next` is taken: the token goes nowhere else."""
    if page["next"] is None:
        return None
    return replace(call, query=tuple(parse_qsl(urlsplit(page["next"]).query, keep_blank_values=True)))


def get(where: str, **asked: Any) -> Call[Any]:
    return Call(method="GET", path=where, query=_query(asked))


def rows(where: str, **asked: Any) -> Call[Any]:
    return get(where, limit=PAGE_ROWS, **asked)


def post(where: str, body: Mapping[str, Any], *, key: str | None = None, version: int | None = None) -> Call[Any]:
    named = uuid4().hex if key is None else key
    if not (named.isascii() and named.isprintable() and 0 < len(named) <= KEY_CHARS_MAX):
        raise Unsendable(f"An idempotency key is 1 to {KEY_CHARS_MAX} visible ASCII characters.")
    return Call(method="POST", path=where, body=_plain(body), key=named, version=version)


def verb(code: str, name: str, body: Mapping[str, Any], *, version: int | None, key: str | None) -> Call[Any]:
    return post(path("reservations", code, name), body, key=key, version=version)


def reason(text: str) -> dict[str, str]:
    return {"reason": text} if text else {}


def path(*parts: str) -> str:
    """A code is one part of a path, whatever is in it."""
    if not all(parts):
        raise Unsendable("A code is missing.")
    return "".join(f"{quote(part, safe='')}/" for part in parts)


def _query(asked: Mapping[str, Any]) -> Query:
    return tuple((name, _word(value)) for name, value in asked.items() if value is not None)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(_plain(value))


def _plain(value: Any) -> Any:
    """As JSON can say it. Raises Unsendable for a time without offset, which the portal would not take either."""
    match value:
        case datetime():
            if value.tzinfo is None:
                raise Unsendable(f"{value.isoformat()} has no offset; say which zone is meant.")
            return value.isoformat()
        case Mapping():
            return {str(name): _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
    return value
