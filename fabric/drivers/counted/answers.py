"""One reply, read with distrust: what it says, and which class of error a refusal is. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fabric.drivers.base import Conflict, DriverError, Permanent, Precondition, Transient, Unknown

DETAIL_CHARS_MAX = 500
RETRY_STATUSES = frozenset({429, 503})
GONE_STATUSES = frozenset({404, 410})
OK, ACCEPTED = "ok", "accepted"
JOB_CODES = frozenset({"E40010", "E40027"})  # the one job of the fabric runs, or is suspended
PREPARE_CODES = frozenset({"EF409PWR001", "EF409USE001"})  # the host must be off, the device drained
MAY_SUCCEED_LATER = re.compile(r"ER\d")  # the second letter: R, or F for never
SECRETS = re.compile(r'("?(?:password|token|authorization)"?\s*[:=]\s*)(?:\\?")?[^\\",}\s]+', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is {} where there was nothing, or nothing readable (`is_readable` tells them apart)."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    is_readable: bool = True

    @property
    def is_success(self) -> bool:
        """A 2xx that says of itself that it is one."""
        return 200 <= self.status < 300 and self.is_readable and self.body.get("status") in (OK, ACCEPTED)

    @property
    def is_begun(self) -> bool:
        return self.is_success and self.body.get("status") == ACCEPTED

    @property
    def told(self) -> Mapping[str, Any]:
        found = self.body.get("detail")
        return found if isinstance(found, Mapping) else {}

    @property
    def code(self) -> str:
        return str(self.told.get("code", ""))

    @property
    def devices(self) -> tuple[str, ...]:
        """Whom a refusal names."""
        found = self.told.get("devices")
        return tuple(str(one) for one in found) if isinstance(found, list) else ()

    @property
    def detail(self) -> str:
        """For operators: status, code and the beginning of the body, without secrets."""
        shown = SECRETS.sub(r"\1***", self.text[:DETAIL_CHARS_MAX])
        return f"HTTP {self.status} {self.code} {shown}".strip()


def parsed(*, status: int, content: bytes) -> Answer:
    text = content.decode("utf-8", "replace")
    try:
        body = json.loads(content) if content.strip() else {}
    except ValueError:
        body = None
    if not isinstance(body, Mapping):
        return Answer(status, {}, text, is_readable=False)
    return Answer(status, body, text)


def refusal(answer: Answer) -> DriverError:
    """The error class of an answer that is no success: what it says of itself counts, unless nobody can know."""
    said = str(answer.told.get("message") or f"The fabric manager refused with status {answer.status}.")
    detail, devices = answer.detail, answer.devices
    if answer.status in RETRY_STATUSES or answer.code in JOB_CODES:
        return Transient(said, detail=detail, blocks=devices)
    if answer.status < 300 or (answer.status >= 500 and answer.status != 501):
        return Unknown("The fabric manager's answer does not tell what it did.", detail=detail)
    if answer.code in PREPARE_CODES:
        return Precondition(said, detail=detail, blocks=devices)
    if MAY_SUCCEED_LATER.match(answer.code):
        return Transient(said, detail=detail, blocks=devices)
    if answer.status == 409:
        return Conflict(said, detail=detail, blocks=devices)
    return Permanent(said, detail=detail, blocks=devices)
