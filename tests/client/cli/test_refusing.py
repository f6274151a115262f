"""A no in words: why not, and what would be granted."""

from datetime import UTC
from typing import Any

import pytest

from heddle import Invalid, KeyReused, Refused
from heddle.cli.exits import Unreadable
from heddle.cli.refusing import lines, picked


def refused(*kinds: str, is_proven: bool = True) -> Refused:
    refusal: dict[str, Any] = {
        "code": "QUOTA_DEVICES",
        "field": "mix",
        "message": "12 at once.",
        "need": 40.0,
        "have": 12.0,
        "unit": "devices",
        "overridable_by": None,
        "suggestions": [{"kind": "count", "message": "8 would fit.", "value": 8}],
    }
    offers = [
        {"kind": kind, "message": f"By {kind}.", "starts_at": "2030-05-13T10:00:00Z", "ends_at": "2030-05-13T12:00:00Z"}
        for kind in kinds
    ]
    document = {"title": "Not granted", "refusals": [refusal], "alternatives": offers, "proven": is_proven}
    return Refused(document, status=409)


def test_every_reason_is_told_with_its_numbers_and_what_would_fit() -> None:
    assert list(lines(refused("count", "start"), zone=UTC)) == [
        "Not granted.",
        "  ✗ QUOTA_DEVICES: 12 at once. (needed 40, there is 12 devices)",
        "      8 would fit.",
        "What would be granted; take one with --take N:",
        "  1. count: By count. (Mon 13 May 10:00 – 12:00 UTC)",
        "  2. start: By start. (Mon 13 May 10:00 – 12:00 UTC)",
    ]


def test_what_is_not_certain_is_not_said_as_certain() -> None:
    assert next(lines(refused(is_proven=False), zone=UTC)) == "Not granted, as far as was searched."


@pytest.mark.parametrize(("choice", "taken"), [("1", "count"), ("2", "start"), ("start", "start"), ("count", "count")])
def test_an_alternative_is_taken_by_number_or_kind(choice: str, taken: str) -> None:
    assert picked(refused("count", "start", "start"), choice)["kind"] == taken


@pytest.mark.parametrize("choice", ["0", "4", "-1", "zone", ""])
def test_what_is_not_there_cannot_be_taken(choice: str) -> None:
    with pytest.raises(Unreadable, match="it may be 1 to 3, or one of count, start"):
        picked(refused("count", "start", "start"), choice)


def test_nothing_can_be_taken_where_nothing_is_offered() -> None:
    with pytest.raises(Unreadable, match="nothing: there are no alternatives"):
        picked(refused(), "1")


def test_wrong_fields_are_named() -> None:
    wrong = Invalid(
        {"title": "Cannot be read", "errors": [{"field": "mix", "code": "x", "message": "Say it."}]}, status=400
    )

    assert list(lines(wrong, zone=UTC)) == ["Cannot be read", "  mix: Say it."]


def test_a_reused_key_says_the_usual_reason() -> None:
    told = list(lines(KeyReused({"detail": "Another call."}, status=422), zone=UTC))

    assert told == [
        "Another call.",
        "  A time such as 2h means another one each time: with --key, give fixed times or none.",
    ]


def test_others_words_cannot_steer_the_terminal() -> None:
    evil = Invalid(
        {"title": "x", "errors": [{"field": "a\x1b[31m", "code": "x", "message": "b\x07\u202ec\nd"}]}, status=400
    )

    assert list(lines(evil, zone=UTC)) == ["x", "  a[31m: bcd"]
