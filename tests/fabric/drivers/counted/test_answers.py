"""What an answer means: by what it says of itself, unless nobody can know."""

import json
from typing import Any

import pytest

from fabric.drivers.base import Conflict, Permanent, Precondition, Transient, Unknown
from fabric.drivers.counted.answers import parsed, refusal


def error(code: str, **more: Any) -> bytes:
    return json.dumps({"status": "error", "detail": {"code": code, "message": "Told.", **more}}).encode()


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (409, error("E40010"), Transient),  # the one job runs
        (409, error("E40027"), Transient),  # and is suspended
        (503, b"", Transient),
        (429, error("EF400REQ001"), Transient),
        (409, error("ER409DEV009"), Transient),  # R: may succeed later
        (400, error("ER400DEV009"), Transient),
        (409, error("EF409DEV001"), Conflict),  # F: never
        (409, error("EF409CNT001"), Conflict),
        (409, error("EF409PWR001"), Precondition),
        (409, error("EF409USE001"), Precondition),
        (400, error("EF400REQ001"), Permanent),
        (404, error("EF404RES001"), Permanent),
        (405, b"", Permanent),
        (501, error("EF501REQ001"), Permanent),
        (500, error("ER500SVC002"), Unknown),  # what a broken service says of later is no word on now
        (502, b"<html>Bad Gateway</html>", Unknown),
        (200, error("ER500SVC002"), Unknown),  # an error inside a success
        (200, b"<html>", Unknown),
        (200, b"[]", Unknown),
        (202, b"", Unknown),
        (204, b"", Unknown),
    ],
)
def test_every_refusal_has_its_class(status: int, content: bytes, kind: type[Exception]) -> None:
    answer = parsed(status=status, content=content)

    assert not answer.is_success
    assert type(refusal(answer)) is kind


@pytest.mark.parametrize(("status", "word", "is_begun"), [(200, "ok", False), (202, "accepted", True)])
def test_a_success_says_whether_anything_has_begun(status: int, word: str, is_begun: bool) -> None:
    answer = parsed(status=status, content=json.dumps({"status": word}).encode())

    assert (answer.is_success, answer.is_begun) == (True, is_begun)


def test_a_refusal_names_its_devices_in_words_for_people_and_for_operators() -> None:
    raised = refusal(parsed(status=409, content=error("EF409DEV001", devices=["a", "b"])))

    assert (str(raised), raised.blocks) == ("Told.", ("a", "b"))
    assert raised.detail.startswith("HTTP 409 EF409DEV001 {")


def test_secrets_are_cut_out_of_what_operators_see() -> None:
    told = parsed(status=400, content=b'{"password": "hunter2", "token":"abc", "user": "u"}').detail

    assert told == 'HTTP 400  {"password": ***", "token":***", "user": "u"}'
