"""One form, one reservation: a doubled click, a reload or a slow answer must not book twice."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.http import HttpRequest

from portal.access import actor_of, reach_of
from scheduler.models import Reservation
from scheduler.refusals import Refusal, RefusalCode, Refused
from scheduler.requests import Actor, ReservationRequest
from scheduler.series_parsing import SeriesWish
from scheduler.services import idempotency
from scheduler.services.alerts import make_alert
from scheduler.services.series import make_series
from scheduler.services.submit import submit
from scheduler.slot_parsing import SlotsWish

_FORM_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)
_SEE_OTHER = 303


def new_form_key() -> str:
    """Put into the form when it is shown; the same form sent again brings the same key."""
    return uuid4().hex


def form_key_of(request: HttpRequest) -> str:
    """Of the form that was sent; empty where it is none of ours."""
    given = request.POST.get("form_key", "")
    return given if _FORM_KEY.fullmatch(given) else ""


def submit_once(
    request: HttpRequest, wanted: ReservationRequest, *, now: datetime, copied_from: Reservation | None
) -> Reservation:
    """Raises Refused. The same form with the same content gives the reservation it made the first time."""
    key = form_key_of(request) or new_form_key()
    try:
        begun = idempotency.begin(call=_call(request, key, wanted.wire), now=now)
    except idempotency.StillRunning:
        raise Refused([_IN_WORK]) from None
    made = Reservation.objects.filter(idempotency_key=begun.row).first()
    if made is not None:
        return made
    try:
        made = submit(request=wanted, by=actor_of(request), now=now, key=begun.row, copied_from=copied_from)
    except Exception:
        idempotency.abandon(row=begun.row, now=now)
        raise
    idempotency.finish(row=begun.row, status=_SEE_OTHER, answer={"code": made.code}, headers={})
    return made


def repeat_once(request: HttpRequest, wish: SeriesWish, wire: Mapping[str, Any], *, now: datetime) -> str:
    """The same for a series; its code. Raises Refused, Invalid."""
    return _once(request, wire, lambda by: make_series(wish=wish, by=by, now=now).code, now)


def hear_once(request: HttpRequest, wish: SlotsWish, wire: Mapping[str, Any], *, now: datetime) -> str:
    """The same for an alert."""
    return _once(request, wire, lambda by: make_alert(wish=wish, by=by, now=now).code, now)


def _once(request: HttpRequest, wire: Mapping[str, Any], make: Callable[[Actor], str], now: datetime) -> str:
    """`make` marks the call as committed with the code that it gives."""
    key = form_key_of(request) or new_form_key()
    try:
        begun = idempotency.begin(call=_call(request, key, wire), now=now)
    except idempotency.StillRunning:
        raise Refused([_IN_WORK]) from None
    if isinstance(begun, idempotency.Answered):
        return str((begun.row.answer or {})["code"])
    if begun.reference is not None:
        return begun.reference
    try:
        code = make(replace(actor_of(request), call=begun.row.pk))
    except Exception:
        idempotency.abandon(row=begun.row, now=now)
        raise
    idempotency.finish(row=begun.row, status=_SEE_OTHER, answer={"code": code}, headers={})
    return code


def _call(request: HttpRequest, key: str, wire: Mapping[str, Any]) -> idempotency.Call:
    """Content is part of the key: whoever goes back and changes the form means another reservation."""
    digest = hashlib.sha256(json.dumps(wire, sort_keys=True, default=str).encode()).hexdigest()
    return idempotency.Call(
        user_id=reach_of(request).user_id,
        key=f"form:{key}:{digest[:16]}",
        method="POST",
        path=request.path,
        body_sha256=digest,
    )


_IN_WORK = Refusal(
    code=RefusalCode.POOL_BUSY,
    field="",
    message="This form is being booked already. Look at your reservations in a moment before you send it again.",
)
