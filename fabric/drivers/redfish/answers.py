"""One reply, read with distrust: what it says, and which class of error a refusal is. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fabric.drivers.base import Conflict, DriverError, Permanent, Precondition, Transient, Unknown

DETAIL_CHARS_MAX = 500
RETRY_SECONDS_MIN, RETRY_SECONDS_MAX = 1.0, 60.0
RETRY_STATUSES = frozenset({429, 503})
STALE_STATUSES = frozenset({412, 428})
GONE_STATUSES = frozenset({404, 410})
BUSY_CODES = re.compile(r"\bER005\w*|\bE40010\b")
OFF_WORDS = re.compile(r"power(?:ed)?[ -]?on|must be (?:powered )?off|in use by a process", re.IGNORECASE)
SECRETS = re.compile(r'("?(?:password|token|secret|authorization)"?\s*[:=]\s*)(?:\\?")?[^\\",}\s]+', re.IGNORECASE)
IN_USE = frozenset({"ResourceBlockInUse", "ResourceInUse"})
CONFLICTS = IN_USE | frozenset(
    {
        "ResourceAlreadyExists",
        "IncompatibleZone",
        "NoResourceMatch",
        "SpecifiedResourceAlreadyReserved",
        "ConstrainedResourceAlreadyReserved",
    }
)
"""Last parts of message ids (Composition 1.1, Base 1.18); their versions vary."""


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of extended information. `id` is without registry and version."""

    id: str
    args: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is None where there was nothing, or nothing readable (`is_readable` tells them apart)."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    is_readable: bool = True

    @property
    def document(self) -> dict[str, Any]:
        return self.body if isinstance(self.body, dict) else {}

    @property
    def is_success(self) -> bool:
        """A 2xx that can be read and does not carry an error inside."""
        return 200 <= self.status < 300 and self.is_readable and "error" not in self.document

    @property
    def etag(self) -> str:
        """Verbatim, however it is quoted."""
        return str(self.headers.get("etag") or self.document.get("@odata.etag") or "")

    @property
    def messages(self) -> tuple[Message, ...]:
        """Of the document, of the error in it, and of the stanzas of a manifest."""
        manifest = self.document.get("Manifest")
        stanzas = _list(manifest, "Stanzas") if isinstance(manifest, dict) else []
        within = [self.document.get("error"), *(one.get("Response") for one in stanzas if isinstance(one, dict))]
        told = [self.document, *(part for part in within if isinstance(part, dict))]
        found = [one for part in told for name in ("@Message.ExtendedInfo", "Messages") for one in _list(part, name)]
        return tuple(_message(one) for one in found if isinstance(one, dict))

    @property
    def retry_after_seconds(self) -> float | None:
        """Within bounds; a date instead of seconds is not understood, and waits the least."""
        given = self.headers.get("retry-after")
        if given is None:
            return None
        seconds = float(given) if given.strip().isdigit() else RETRY_SECONDS_MIN
        return min(max(seconds, RETRY_SECONDS_MIN), RETRY_SECONDS_MAX)

    @property
    def detail(self) -> str:
        """For operators: status, message ids and the beginning of the body, without secrets."""
        ids = " ".join(message.id for message in self.messages)
        shown = SECRETS.sub(r"\1***", self.text[:DETAIL_CHARS_MAX])
        return f"HTTP {self.status} {ids} {shown}".strip()


def parsed(*, status: int, headers: Mapping[str, str], content: bytes) -> Answer:
    text = content.decode("utf-8", "replace")
    try:
        body = json.loads(content) if content.strip() else None
    except ValueError:
        return Answer(status, None, headers, text, is_readable=False)
    return Answer(status, body, headers, text)


def refusal(answer: Answer, *, is_release: bool = False) -> DriverError:
    """The error class of an answer that is no success (the table of error classes; ids before statuses).

    What is in use when it is to be taken is somebody else's; when it is to be given up, something still runs on it.
    """
    detail, said = answer.detail, _sentence(answer)
    ids = {message.id for message in answer.messages}
    if answer.status in RETRY_STATUSES or BUSY_CODES.search(answer.text):
        return Transient(said or "The fabric manager is busy.", detail=detail)
    if answer.status < 300 or (answer.status >= 500 and answer.status != 501):
        return Unknown("The fabric manager's answer does not tell what it did.", detail=detail)
    if answer.status in (403, 409) and (OFF_WORDS.search(answer.text) or "PreconditionFailed" in ids):
        return Precondition(said, detail=detail)
    if is_release and ids & IN_USE:
        return Precondition(said, detail=detail)
    if ids & CONFLICTS or answer.status in (409, *STALE_STATUSES) or "already belongs" in answer.text:
        return Conflict(said, detail=detail)
    return Permanent(said, detail=detail)


def reasons(answer: Answer) -> dict[str, str]:
    """Why single blocks were not done, where the service says so: the last part of the link → the reason."""
    told = {}
    for message in answer.messages:
        if message.id == "ResourceErrorsDetected" and len(message.args) > 1:
            told[message.args[0].rstrip("/").rsplit("/", 1)[-1]] = message.args[1]
    return told


def settled(answer: Answer) -> tuple[str, ...]:
    """Blocks that a running task says are composed already."""
    name = "ResourceBlockCompositionStateChanged"
    return tuple(m.args[0] for m in answer.messages if m.id == name and m.args[1:] == ("Composed",))


def _sentence(answer: Answer) -> str:
    told = [message.text for message in answer.messages if message.text]
    error = answer.document.get("error")
    if not told and isinstance(error, dict) and error.get("message"):
        told = [str(error["message"])]
    return " ".join(told) or f"The fabric manager refused with status {answer.status}."


def _message(raw: Mapping[str, Any]) -> Message:
    args = raw.get("MessageArgs")
    return Message(
        id=str(raw.get("MessageId", "")).rsplit(".", 1)[-1],
        args=tuple(str(one) for one in args) if isinstance(args, list) else (),
        text=str(raw.get("Message", "")),
    )


def _list(part: Mapping[str, Any], name: str) -> list[Any]:
    found = part.get(name)
    return found if isinstance(found, list) else []
