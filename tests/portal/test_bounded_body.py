"""No more is taken of a body than anything reads."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from portal import bounded_body

MOST = 10


def taken(*messages: Mapping[str, Any]) -> tuple[bytes, int]:
    """What an application reads, and how many messages it took."""
    left = list(messages)

    async def receive() -> Mapping[str, Any]:
        return left.pop(0)

    async def read() -> bytes:
        take, body = bounded_body.bounded(receive), b""
        while True:
            message = await take()
            body += message.get("body", b"")
            if not message.get("more_body", False):
                return body

    return asyncio.run(read()), len(messages) - len(left)


def chunk(body: bytes, *, is_last: bool = False) -> Mapping[str, Any]:
    return {"type": "http.request", "body": body, "more_body": not is_last}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_body, "TAKEN_BYTES_MAX", MOST)


@pytest.mark.parametrize(
    ("messages", "read"),
    [
        ((chunk(b"12345"), chunk(b"6789", is_last=True)), (b"123456789", 2)),
        ((chunk(b"1234567890", is_last=True),), (b"1234567890", 1)),
        ((chunk(b"12345"), chunk(b"67890"), chunk(b"never taken")), (b"1234567890", 2)),
        ((chunk(b"12345"), chunk(b"6789012345"), chunk(b"never taken")), (b"1234567890", 2)),
        ((chunk(b""), chunk(b"", is_last=True)), (b"", 2)),
    ],
)
def test_a_body_ends_where_it_is_too_long(messages: tuple[Mapping[str, Any], ...], read: tuple[bytes, int]) -> None:
    assert taken(*messages) == read


def test_what_comes_after_a_body_that_is_too_long_is_not_heard() -> None:
    """Django, which listens for the end of a call while its view waits, would take it for a fault."""
    gone = {"type": "http.disconnect"}
    left = [chunk(b"1234567890"), chunk(b"more"), chunk(b"and more", is_last=True), gone]

    async def receive() -> Mapping[str, Any]:
        return left.pop(0)

    async def hear() -> list[Mapping[str, Any]]:
        take = bounded_body.bounded(receive)
        return [await take(), await take()]

    assert asyncio.run(hear()) == [chunk(b"1234567890", is_last=True), gone]
