"""Problem documents (RFC 9457): every way in which a call can fail, with its status and its stable code."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    status: int
    title: str


class Problem(Enum):
    """The name is the `code` on the wire, which never changes."""

    INVALID = Kind(400, "The request cannot be read, or names something that does not exist")
    UNAUTHENTICATED = Kind(401, "Authentication is needed")
    FORBIDDEN = Kind(403, "You may not do this")
    NOT_FOUND = Kind(404, "There is no such thing")
    METHOD_NOT_ALLOWED = Kind(405, "The method is not allowed here")
    NOT_ACCEPTABLE = Kind(406, "Only JSON can be answered")
    REFUSED = Kind(409, "Understood, but not granted")
    POOL_BUSY = Kind(409, "The pool is busy; try again")
    WRONG_STATE = Kind(409, "The present state does not allow this")
    STILL_RUNNING = Kind(409, "The same call is still running")
    STALE = Kind(412, "It has changed since you looked")
    TOO_LARGE = Kind(413, "The body is too large")
    UNSUPPORTED_MEDIA_TYPE = Kind(415, "Only JSON can be read")
    KEY_REUSED = Kind(422, "The Idempotency-Key belongs to another call")
    THROTTLED = Kind(429, "Too many calls; slow down")
    INTERNAL = Kind(500, "Something failed on our side")
    UNAVAILABLE = Kind(503, "Not available at this moment; try again")


def type_of(problem: Problem) -> str:
    return f"urn:heddle:problem:{problem.name.lower().replace('_', '-')}"


def document(problem: Problem, *, detail: str, request_id: str, **more: Any) -> dict[str, Any]:
    return {
        "type": type_of(problem),
        "title": problem.value.title,
        "status": problem.value.status,
        "detail": detail,
        "code": problem.name,
        "request_id": request_id,
        **more,
    }
