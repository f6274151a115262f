"""Signatures as the library of the standard reads them."""

import base64
from datetime import UTC, datetime

import pytest
import time_machine
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from scheduler.hooks.signing import SECRET_BYTES, secret_text, signed_headers

NOON = datetime(2030, 5, 13, 12, 0, tzinfo=UTC)
OLD, NEW, OTHER = (secret_text(bytes([nth]) * SECRET_BYTES) for nth in (1, 2, 3))
BODY = '{"type":"reservation.active","data":{"message":"Größe 3 × H100"}}'.encode()


def headers(*secrets: str) -> dict[str, str]:
    stamp = int(NOON.timestamp())
    return dict(signed_headers(message_id="msg_1", timestamp=stamp, body=BODY, secrets=secrets))


@pytest.mark.parametrize("known", [OLD, NEW])
def test_a_receiver_that_knows_one_of_the_live_secrets_accepts(known: str) -> None:
    with time_machine.travel(NOON, tick=False):
        read = Webhook(known).verify(BODY, headers(NEW, OLD))

    assert read == {"type": "reservation.active", "data": {"message": "Größe 3 × H100"}}


@pytest.mark.parametrize(
    ("secret", "body", "changed"),
    [
        (OTHER, BODY, {}),
        (NEW, BODY + b" ", {}),
        (NEW, BODY, {"webhook-id": "msg_2"}),
        (NEW, BODY, {"webhook-timestamp": str(int(NOON.timestamp()) + 1)}),
    ],
    ids=["another secret", "another body", "another id", "another time"],
)
def test_whatever_is_changed_is_refused(secret: str, body: bytes, changed: dict[str, str]) -> None:
    with time_machine.travel(NOON, tick=False), pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers(NEW) | changed)


def test_headers_are_those_of_the_standard() -> None:
    found = headers(NEW, OLD)

    assert {name: found[name] for name in ("webhook-id", "webhook-timestamp")} == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1904904000",
    }
    assert [one.partition(",")[0] for one in found["webhook-signature"].split(" ")] == ["v1", "v1"]


def test_a_secret_is_32_bytes_behind_its_prefix() -> None:
    prefix, _, coded = NEW.partition("_")

    assert (prefix, len(base64.b64decode(coded))) == ("whsec", 32)


def test_what_is_no_secret_is_not_repeated_in_the_error() -> None:
    with pytest.raises(ValueError) as caught:
        signed_headers(message_id="msg_1", timestamp=1, body=BODY, secrets=["whsec_not!base64"])

    assert "not!base64" not in str(caught.value)
