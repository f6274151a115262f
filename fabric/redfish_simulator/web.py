"""A small ASGI application: requests, replies, a table of routes. What a web framework would bring, and no more."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import parse_qs

BODY_BYTES_MAX = 1 << 20
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class NoReply(Exception):
    """The connection is to be cut without a word."""


class Hang(Exception):
    """The reply never comes; the client's own deadline ends the call."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    origin: str  # how the client addressed us, http://host:port

    def json(self) -> dict[str, Any]:
        """Raises ValueError for anything but an object."""
        found = json.loads(self.body or b"{}")
        if not isinstance(found, dict):
            raise ValueError("The body is not an object.")
        return found


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: Mapping[str, Any] | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: AsyncIterator[str] | None = None

    def but(self, **changes: Any) -> "Reply":
        return replace(self, **changes)


Handler = Callable[..., Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """`template` names its parts in braces, each one segment of the path."""

    method: str
    template: str
    handler: Handler

    def match(self, path: str) -> dict[str, str] | None:
        found = _pattern(self.template).fullmatch(path.rstrip("/") or "/")
        return found.groupdict() if found else None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template.replace("$", r"\$")))


Routed = tuple[Route, dict[str, str]]


def found_route(routes: Sequence[Route], request: Request) -> tuple[Routed | None, list[str]]:
    """The first route of the request's method with the path's parts, and the methods that this path has."""
    found: Routed | None = None
    allowed = set()
    for route in routes:
        if (parts := route.match(request.path)) is not None:
            allowed.add(route.method)
            if found is None and route.method == request.method:
                found = route, parts
    return found, sorted(allowed | ({"HEAD"} if "GET" in allowed else set()))


def application(
    answer: Callable[[Request], Reply], *, cut: Callable[[Scope], None]
) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """`answer` runs in the event loop: its work is a few milliseconds of SQLite. `cut` drops the connection."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        request = await _read(scope, receive)
        try:
            reply = answer(request)
        except NoReply:
            cut(scope)
            await _until_gone(receive)
        except Hang:
            await _until_gone(receive)
        else:
            await _write(reply, receive, send)

    return app


async def _read(scope: Scope, receive: Receive) -> Request:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body") or len(body) > BODY_BYTES_MAX:
            break
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=query,
        headers=headers,
        body=body,
        origin=f"http://{headers.get('host', '')}",
    )


async def _write(reply: Reply, receive: Receive, send: Send) -> None:
    content = b"" if reply.body is None else _encoded(reply.body)
    kind = "application/json; charset=utf-8" if not isinstance(reply.body, str) else "text/plain; charset=utf-8"
    headers = {"content-type": kind, "odata-version": "4.0", "cache-control": "no-cache"}
    headers |= {name.lower(): value for name, value in reply.headers.items()}
    if reply.stream is None and reply.status != 204:
        headers["content-length"] = str(len(content))
    elif reply.status == 204:
        headers.pop("content-type")
    await send({"type": "http.response.start", "status": reply.status, "headers": _wire(headers.items())})
    if reply.stream is None:
        await send({"type": "http.response.body", "body": content})
        return
    await _pour(reply.stream, receive, send)


async def _pour(stream: AsyncIterator[str], receive: Receive, send: Send) -> None:
    """Until the client goes away."""
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        async for text in stream:
            if gone.done():
                return
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
    finally:
        gone.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _encoded(body: Mapping[str, Any] | str) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _wire(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
