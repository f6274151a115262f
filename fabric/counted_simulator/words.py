"""What it answers: {status, detail: {code, message}} with the rest beside it.

The second letter of a code tells what to do: R may succeed later, F never will. E40010 and E40027 are of the one job.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from fabric.drivers.base import Conflict, DriverError, Permanent, Precondition, Transient
from fabric.redfish_simulator.web import NoReply, Reply

RETRY_SECONDS = 2
OK, ACCEPTED, ERROR = "ok", "accepted", "error"


class Code(StrEnum):
    DONE = "I00001"
    TAKEN = "I00002"
    JOB_RUNS = "E40010"
    JOB_SUSPENDED = "E40027"
    BUSY = "ER503SVC001"
    TORN = "ER500SVC002"  # something went wrong inside
    TOKEN = "ER401AUT001"
    CREDENTIALS = "EF401AUT002"
    UNKNOWN = "EF404RES001"
    MALFORMED = "EF400REQ001"
    TOO_FEW = "EF409CNT001"  # fewer idle devices of the spec than asked for
    NOT_IDLE = "EF409DEV001"
    MUST_BE_OFF = "EF409PWR001"
    IN_USE = "EF409USE001"
    NO_JOB = "EF409JOB001"


def good(payload: Mapping[str, Any]) -> Reply:
    return Reply(status=200, body={"status": OK, "detail": _detail(Code.DONE, "Done."), **payload})


def accepted(text: str) -> Reply:
    return Reply(status=202, body={"status": ACCEPTED, "detail": _detail(Code.TAKEN, text)})


def refused(status: int, code: Code, text: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Reply:
    body = {"status": ERROR, "detail": _detail(code, text) | more}
    return Reply(status=status, body=body, headers=headers or {})


def not_found(path: str) -> Reply:
    return refused(404, Code.UNKNOWN, f"There is no {path}.")


def malformed(text: str = "The body cannot be understood.") -> Reply:
    return refused(400, Code.MALFORMED, text)


def busy() -> Reply:
    return refused(503, Code.BUSY, "The service is busy.", headers={"Retry-After": str(RETRY_SECONDS)})


def of_engine(raised: DriverError) -> Reply:
    """What the engine refuses. Raises NoReply where it says that nobody knows."""
    devices = list(raised.blocks)
    if isinstance(raised, Transient):
        return busy()
    if isinstance(raised, Conflict):
        return refused(409, Code.NOT_IDLE, str(raised), devices=devices)
    if isinstance(raised, Precondition):
        return refused(409, Code.IN_USE, str(raised), devices=devices)
    if isinstance(raised, Permanent):
        return refused(400, Code.MALFORMED, str(raised), devices=devices)
    raise NoReply


def _detail(code: Code, message: str) -> dict[str, Any]:
    return {"code": code.value, "message": message}
