"""Which class of error an answer is, by the table of error classes: message ids first, then statuses."""

import json
from typing import Any

import pytest

from fabric.drivers.base import Conflict, DriverError, Permanent, Precondition, Transient, Unknown
from fabric.drivers.redfish.answers import Answer, parsed, reasons, refusal, settled


def answer(status: int, body: Any = None, **headers: str) -> Answer:
    content = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
    return parsed(
        status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, content=content
    )


def error(message_id: str, text: str = "No.", *args: str) -> dict[str, Any]:
    told = {"MessageId": message_id, "Message": text, "MessageArgs": list(args)}
    return {"error": {"code": message_id, "message": text, "@Message.ExtendedInfo": [told]}}


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (answer(503), Transient),
        (answer(429, "slow down"), Transient),
        (answer(409, {"code": "ER005BAS001"}), Transient),
        (answer(409, {"errorCode": "E40010"}), Transient),
        (answer(500), Unknown),
        (answer(502, "<html>"), Unknown),
        (answer(504), Unknown),
        (answer(200, {"error": "no"}), Unknown),
        (answer(200, "<html>"), Unknown),
        (answer(409, error("Composition.1.1.ResourceBlockInUse")), Conflict),
        (answer(400, error("Composition.1.0.2.ResourceBlockInUse")), Conflict),
        (answer(403, error("Composition.1.1.IncompatibleZone")), Conflict),
        (answer(412), Conflict),
        (answer(428), Conflict),
        (answer(400, "gpu-1 already belongs to another"), Conflict),
        (answer(409, "the host is powered on"), Precondition),
        (answer(403, error("Base.1.18.PreconditionFailed", "Switch it off first.")), Precondition),
        (answer(400, error("Base.1.18.PropertyMissing", "Id", "Id")), Permanent),
        (answer(405), Permanent),
        (answer(501), Permanent),
        (answer(404), Permanent),
    ],
)
def test_the_class_of_a_refusal(given: Answer, kind: type[DriverError]) -> None:
    assert type(refusal(given)) is kind


@pytest.mark.parametrize(
    ("given", "is_success"),
    [
        (answer(201, {"Id": "1"}), True),
        (answer(204), True),
        (answer(200), True),
        (answer(200, {"error": {"code": "x"}}), False),
        (answer(200, "<html>"), False),
        (answer(302), False),
    ],
)
def test_a_success_can_be_read_and_carries_no_error(given: Answer, is_success: bool) -> None:
    assert given.is_success == is_success


@pytest.mark.parametrize(("said", "seconds"), [("5", 5.0), ("0", 1.0), ("900", 60.0), ("Fri, 01 Jan", 1.0)])
def test_how_long_to_wait_is_kept_within_bounds(said: str, seconds: float) -> None:
    assert answer(202, None, retry_after=said).retry_after_seconds == seconds
    assert answer(202).retry_after_seconds is None


def test_a_detail_names_status_and_ids_and_no_secret() -> None:
    detail = refusal(answer(400, error("Base.1.18.PropertyValueError", 'Password: "hunter2" is bad'))).detail

    assert detail.startswith("HTTP 400 PropertyValueError")
    assert "hunter2" not in detail
    assert len(refusal(answer(400, "x" * 2000)).detail) < 600


def test_an_etag_is_taken_as_it_is() -> None:
    tags = [answer(200, {}, etag='W/"1"'), answer(200, {"@odata.etag": "bare"}), answer(200, {})]

    assert [one.etag for one in tags] == ['W/"1"', "bare", ""]


def test_what_a_service_says_of_single_blocks() -> None:
    told = [
        {"MessageId": "Composition.1.1.ResourceBlockCompositionStateChanged", "MessageArgs": ["gpu-1", "Composed"]},
        {
            "MessageId": "ResourceEvent.1.3.ResourceErrorsDetected",
            "MessageArgs": ["/x/ResourceBlocks/gpu-2", "no link"],
        },
    ]
    stanza = {"Response": {"@Message.ExtendedInfo": told}}

    for given in ({"Messages": told}, {"@Message.ExtendedInfo": told}, {"Manifest": {"Stanzas": [stanza]}}):
        assert (settled(answer(202, given)), reasons(answer(202, given))) == (("gpu-1",), {"gpu-2": "no link"})
