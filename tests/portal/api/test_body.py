"""JSON is read strictly."""

import pytest

from portal.api.body import parse
from scheduler import limits
from scheduler.refusals import FieldError, Invalid

DEEPEST = limits.JSON_DEPTH_MAX


def test_reads_plain_json() -> None:
    assert parse(b'{"a": [1, 2.5, "x", null, true]}') == {"a": [1, 2.5, "x", None, True]}


def test_reads_as_deep_as_allowed() -> None:
    raw = b"[" * DEEPEST + b"]" * DEEPEST

    assert parse(raw) is not None


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[1,]",
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'"\xff"',
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b'"\\u0000"',
        b'{"a\\u0000": 1}',
        b'{"\\ud800": 1, "\\ud800": 1}',
        b"\xef\xbb\xbf{}",
        b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"9" * 5_000,
        b"-" + b"9" * 5_000,
        b"01",
        b"'a'",
        b"{} {}",
        b"\x00{}",
        b'"\x00"',
    ],
)
def test_refuses(raw: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        parse(raw)

    assert [(error.field, error.code) for error in refused.value.errors] == [("body", "invalid")]


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b'{"title": "a\\u0000b"}', "title"),
        (b'{"mix": [{"lines": [1, {"device_class": "\\udc00"}]}]}', "mix[0].lines[1].device_class"),
        (b'{"mix": {"\\u0000": 1}}', "mix"),
        (b'{"' + b"x" * 300 + b'": "\\u0000"}', "x" * 200),
    ],
)
def test_text_that_cannot_be_kept_is_named(raw: bytes, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(raw)

    assert [(error.field, error.code) for error in refused.value.errors] == [(field, "invalid")]


def test_text_that_is_escaped_and_whole_is_read() -> None:
    assert parse(b'{"\\u00e9": "\\ud83d\\ude00"}') == {"é": "😀"}


def test_names_the_twin() -> None:
    with pytest.raises(Invalid) as refused:
        parse(b'{"count": 1, "count": 2}')

    assert refused.value.errors == (
        FieldError("body", "invalid", "The body is not valid JSON: “count” is given twice."),
    )
