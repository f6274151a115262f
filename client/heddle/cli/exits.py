"""Exit codes. They never change: scripts branch on them."""

from enum import IntEnum
from typing import Any

import typer

from heddle import problems


class Exit(IntEnum):
    OK = 0
    TROUBLE = 1
    USAGE = 2
    REFUSED = 3
    NOT_FOUND = 4
    AUTH = 5
    CONFLICT = 6
    TIMED_OUT = 7
    SERVER = 8
    MISSED = 9
    INTERRUPTED = 130


MEANINGS = {
    Exit.OK: "done",
    Exit.TROUBLE: "an error of this program, or one that has no number here",
    Exit.USAGE: "the command, a file or a value cannot be read, or names what does not exist",
    Exit.REFUSED: "understood, but not granted; the reasons and what would fit are printed",
    Exit.NOT_FOUND: "there is no such thing, or you may not see it",
    Exit.AUTH: "not signed in, the token is not valid any more, or you may not do this",
    Exit.CONFLICT: "the state or version is another, or the key belongs to another call",
    Exit.TIMED_OUT: "not reached within --timeout; it goes on",
    Exit.SERVER: "the portal cannot be reached, is too busy, or failed",
    Exit.MISSED: "the state waited for cannot be reached any more",
    Exit.INTERRUPTED: "interrupted by Ctrl-C",
}
TABLE = "Exit codes:\n\n" + "\n\n".join(f"{code.value}  {meaning}" for code, meaning in MEANINGS.items())

_OF: tuple[tuple[type[Exception], Exit], ...] = (  # the first that fits
    (problems.PoolBusy, Exit.SERVER),
    (problems.Refused, Exit.REFUSED),
    (problems.Invalid, Exit.USAGE),
    (problems.Unsendable, Exit.USAGE),
    (problems.NotFound, Exit.NOT_FOUND),
    (problems.Unauthenticated, Exit.AUTH),
    (problems.Forbidden, Exit.AUTH),
    (problems.WrongState, Exit.CONFLICT),
    (problems.StillRunning, Exit.CONFLICT),
    (problems.Stale, Exit.CONFLICT),
    (problems.KeyReused, Exit.CONFLICT),
    (problems.Throttled, Exit.SERVER),
    (problems.ServerFailed, Exit.SERVER),
    (problems.ConnectionFailed, Exit.SERVER),
    (problems.TimedOut, Exit.TIMED_OUT),
    (problems.Missed, Exit.MISSED),
)


class NotSignedIn(Exception):
    """There is no token to speak with."""


class Unreadable(Exception):
    """A file, a time or a combination of words that cannot be understood; says the remedy."""


def exit_of(error: Exception) -> Exit:
    if isinstance(error, NotSignedIn):
        return Exit.AUTH
    if isinstance(error, Unreadable | typer.TyperException):
        return Exit.USAGE
    return next((code for kind, code in _OF if isinstance(error, kind)), Exit.TROUBLE)


def error_document(error: Exception) -> dict[str, Any]:
    """For `--json`: the portal's own document where there is one; always with `code`, `detail` and `exit_code`."""
    exit_code = exit_of(error)
    if isinstance(error, problems.Problem):
        told = {"code": error.code, "detail": str(error), "status": error.status, **error.document}
    else:
        told = {"code": exit_code.name, "detail": _message(error)}
    if isinstance(error, problems.Missed | problems.TimedOut):
        told["reservation"] = error.reservation
    return {"error": {**told, "exit_code": exit_code.value}}


def _message(error: Exception) -> str:
    return error.format_message() if isinstance(error, typer.TyperException) else str(error)
