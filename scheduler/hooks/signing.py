"""Standard Webhooks signatures: HMAC-SHA-256 over `id.timestamp.body`, one for each secret that is live.

See https://www.standardwebhooks.com; a secret is `whsec_` and 32 bytes in base64.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32
VERSION = "v1"


def secret_text(key: bytes) -> str:
    """As its owner gets to see it, once."""
    return PREFIX + base64.b64encode(key).decode("ascii")


def signed_headers(*, message_id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> Mapping[str, str]:
    """The three headers of a call. `timestamp` is in seconds, of this call and not of the message: receivers refuse
    what is older than some minutes.
    """
    signatures = [_signature(secret, message_id, timestamp, body) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    content = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(_key(secret), content, hashlib.sha256).digest()
    return f"{VERSION},{base64.b64encode(digest).decode('ascii')}"


def _key(secret: str) -> bytes:
    """Raises ValueError, without the secret in it, for what is none."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("A secret is not base64.") from None
