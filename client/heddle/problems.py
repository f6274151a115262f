"""What can come of a call other than its answer. The portal's problem documents (RFC 9457) become one class each."""

from collections.abc import Mapping
from typing import Any

from heddle.shapes import Alternative, FieldError, Refusal, Reservation


class HeddleError(Exception):
    """Everything this client raises by itself."""


class Unsendable(HeddleError):
    """What was given makes no request: an empty code, a time without offset, no address of a portal."""


class ConnectionFailed(HeddleError):
    """No answer came: the portal cannot be reached, or was silent for too long."""


class Missed(HeddleError):
    """The state waited for can no longer be reached; `reservation` tells where it is instead."""

    def __init__(self, reservation: Reservation, *, wanted: str) -> None:
        reason = f": {reservation['state_reason']}" if reservation["state_reason"] else ""
        super().__init__(f"{reservation['code']} is {reservation['state']} and will not be {wanted}{reason}")
        self.reservation = reservation
        self.wanted = wanted


class TimedOut(HeddleError):
    """The state waited for was not reached in time; `reservation` is as it was then, and goes on."""

    def __init__(self, reservation: Reservation, *, wanted: str) -> None:
        super().__init__(f"{reservation['code']} is still {reservation['state']}, not {wanted}")
        self.reservation = reservation
        self.wanted = wanted


class Problem(HeddleError):
    """The portal said no. `code` never changes; `document` is all it said."""

    def __init__(self, document: Mapping[str, Any], *, status: int, retry_after: float | None = None) -> None:
        self.document = dict(document)
        self.status = status
        self.code = str(document.get("code") or f"HTTP_{status}")
        self.title = str(document.get("title") or "The portal answered with an error")
        self.detail = str(document.get("detail") or "")
        self.request_id = str(document.get("request_id") or "")
        self.retry_after = retry_after
        super().__init__(self.detail or self.title)

    @property
    def errors(self) -> list[FieldError]:
        """What is wrong in which field; of what could not be read."""
        return list(self.document.get("errors") or [])


class Invalid(Problem):
    """It cannot be read, or names what does not exist; `errors` say where."""


class Unauthenticated(Problem):
    """The token is not known, or has expired or been revoked."""


class Forbidden(Problem):
    """The token, or its user, may not do this."""


class NotFound(Problem):
    """It does not exist, or may not be seen."""


class Refused(Problem):
    """Understood, but not granted: every reason, and what would fit."""

    @property
    def refusals(self) -> list[Refusal]:
        return list(self.document.get("refusals") or [])

    @property
    def alternatives(self) -> list[Alternative]:
        """Each is granted as it stands: book its `request`."""
        return list(self.document.get("alternatives") or [])

    @property
    def is_proven(self) -> bool:
        """Whether it is certain that nothing fits."""
        return bool(self.document.get("proven", False))


class PoolBusy(Refused):
    """Others book in this pool at this moment; it was tried again already."""


class WrongState(Problem):
    """The verb does not apply in the present state."""

    @property
    def state(self) -> str:
        return str(self.document.get("state") or "")


class StillRunning(Problem):
    """The same call, with the same key, has not ended yet."""


class Stale(Problem):
    """It has changed since the version that was named."""

    @property
    def version(self) -> int | None:
        """The present one."""
        return self.document.get("version")


class KeyReused(Problem):
    """The Idempotency-Key belongs to another call."""


class Throttled(Problem):
    """Too many calls; `retry_after` says for how long."""


class ServerFailed(Problem):
    """The portal failed, or is not available."""


_BY_CODE: dict[str, type[Problem]] = {
    "INVALID": Invalid,
    "TOO_LARGE": Invalid,
    "UNAUTHENTICATED": Unauthenticated,
    "FORBIDDEN": Forbidden,
    "NOT_FOUND": NotFound,
    "REFUSED": Refused,
    "POOL_BUSY": PoolBusy,
    "WRONG_STATE": WrongState,
    "STILL_RUNNING": StillRunning,
    "STALE": Stale,
    "KEY_REUSED": KeyReused,
    "THROTTLED": Throttled,
}
_BY_STATUS: dict[int, type[Problem]] = {
    400: Invalid,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    412: Stale,
    413: Invalid,
    422: KeyReused,
    429: Throttled,
}
ERRORS_FROM, SERVER_FAILED = 400, 500  # what is below is no answer of a portal either


def problem_of(*, status: int, document: Any, retry_after: float | None = None) -> Problem:
    """Also for what a proxy on the way answers, which is no problem document."""
    told: Mapping[str, Any] = document if isinstance(document, Mapping) else {}
    kind = _BY_CODE.get(str(told.get("code"))) or _BY_STATUS.get(status)
    if kind is None:
        kind = Problem if ERRORS_FROM <= status < SERVER_FAILED else ServerFailed
    return kind(told, status=status, retry_after=retry_after)
