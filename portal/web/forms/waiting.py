"""What was typed, to be waited for: its length somewhere between its start and the last date. Pure."""

from datetime import datetime, timedelta
from typing import Any

from portal.web.forms.local_time import read_local
from portal.web.forms.payload import payload_of
from portal.web.forms.typed import TypedRequest
from portal.web.zones import known_zone
from scheduler.refusals import FieldError, Invalid

_MINUTE = timedelta(minutes=1)


def waiting_body(typed: TypedRequest) -> dict[str, Any]:
    """As a program would ask to wait. Raises Invalid with the form's own errors; the parser judges the rest."""
    body, errors = payload_of(typed)
    until = read_local(typed.wait_until, zone=known_zone(typed.zone), fold=typed.wait_until_fold, field="wait_until")
    own = [*errors, *([until] if isinstance(until, FieldError) else [])]
    if own or isinstance(until, FieldError):
        raise Invalid(own)
    starts_at, ends_at = body.pop("starts_at", None), body.pop("ends_at", None)
    body.pop("hold_minutes", None)
    if ends_at is not None:
        body["duration_minutes"] = _between(starts_at, ends_at)
    dates = {"not_after": until.isoformat(), **({"not_before": starts_at} if starts_at is not None else {})}
    return {**body, "waitlist": {**dates, "auto_accept": typed.wait_auto}}


def hearing_body(typed: TypedRequest) -> dict[str, Any]:
    """The same for who only wants to hear of it."""
    body = waiting_body(typed)
    wait = body.pop("waitlist")
    return {**body, **{name: wait[name] for name in ("not_before", "not_after") if name in wait}}


def _between(starts_at: str | None, ends_at: str) -> int:
    """The length between two times of the form; what begins now has none yet."""
    if starts_at is None:
        message = "To wait for it, give a length, or a start as well."
        raise Invalid([FieldError("ends_at", "required", message)])
    return (datetime.fromisoformat(ends_at) - datetime.fromisoformat(starts_at)) // _MINUTE
