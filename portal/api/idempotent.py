"""Run an unsafe call under its Idempotency-Key: keep the answer, give it again, and find what a dead call committed."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import person_of, reach_of
from portal.api.errors import handle
from scheduler import limits
from scheduler.models import IdempotencyKey, Reservation
from scheduler.refusals import FieldError, Invalid
from scheduler.services import idempotency

HEADER = "Idempotency-Key"
SECRET_MEMBERS = frozenset({"token", "secret"})  # never stored
KEPT_HEADERS = ("Location", "ETag")
UNDECIDED = frozenset({401, 403, 404, 429})  # tells of the caller, not of the call: may differ the next time

Act = Callable[[IdempotencyKey | None], Response]
Committed = Callable[[Reservation], Response]
Again = Callable[[IdempotencyKey, str], Response]
Remade = Callable[[IdempotencyKey, Any], Any]


def once(
    request: Request,
    payload: Any,
    act: Act,
    *,
    committed: Committed | None = None,
    again: Again | None = None,
    remade: Remade | None = None,
) -> Response:
    """`act` makes the call, with the key's row to write into what it creates; without the header it simply runs.

    For a call that committed and died before its answer was kept, `committed` answers with the reservation it made, or
    `again` with the row and the code of what it made or changed (the first that it journalled). Without either it is
    made again, for which it must be idempotent by itself; If-Match is not asked for then. `remade` puts back into an
    answer what must not be kept (a secret): it gets the row and the answer kept, without what is under SECRET_MEMBERS.
    Raises KeyReused, StillRunning, Invalid, and what `act` raises.
    """
    key = _key(request)
    if key is None:
        return act(None)
    begun = idempotency.begin(call=_call(request, key, payload), now=timezone.now())
    if isinstance(begun, idempotency.Answered):
        return _kept(begun.row, remade)
    request.idempotency_row = begun.row.pk  # type: ignore[attr-defined]  # for `actor_of`
    request.is_repeated = begun.reference is not None  # type: ignore[attr-defined]  # for `expected_version`
    return _keep(begun.row, _run(request, begun, act, committed, again))


def _run(
    request: Request, begun: idempotency.Begun, act: Act, committed: Committed | None, again: Again | None
) -> Response:
    """Errors become answers here, since they are kept as well."""
    try:
        if begun.reservation is not None and committed is not None:
            return committed(begun.reservation)
        if begun.reference is not None and again is not None:
            return again(begun.row, begun.reference)
        return act(begun.row)
    except IntegrityError as error:
        twin = Reservation.objects.filter(idempotency_key=begun.row).first()
        return committed(twin) if twin is not None and committed is not None else handle(error, {"request": request})
    except Exception as error:
        return handle(error, {"request": request})


def _keep(row: IdempotencyKey, response: Response) -> Response:
    if response.status_code >= 500 or response.status_code in UNDECIDED or response.has_header("Retry-After"):
        idempotency.abandon(row=row, now=timezone.now())
        return response
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    if response.content_type:
        headers["Content-Type"] = response.content_type
    told = response.data
    answer = {name: told[name] for name in told if name not in SECRET_MEMBERS} if isinstance(told, dict) else told
    kept = json.dumps(answer)  # as text: the database would put the names of an object into another order
    idempotency.finish(row=row, status=response.status_code, answer=kept, headers=headers)
    return response


def _kept(row: IdempotencyKey, remade: Remade | None) -> Response:
    headers = dict(row.headers)
    content_type = headers.pop("Content-Type", None)
    is_done = row.status < 400  # a refusal has no secret to put back
    answer = json.loads(row.answer or "null")
    if remade is not None and is_done:
        answer = remade(row, answer)
    return Response(answer, status=row.status, headers=headers, content_type=content_type)


def _key(request: Request) -> str | None:
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not key.isascii() or not key.isprintable() or not 0 < len(key) <= limits.IDEMPOTENCY_KEY_CHARS_MAX:
        message = f"The key is 1 to {limits.IDEMPOTENCY_KEY_CHARS_MAX} visible ASCII characters."
        raise Invalid([FieldError(HEADER, "invalid", message)])
    return key


def _call(request: Request, key: str, payload: Any) -> idempotency.Call:
    """Bodies are the same when they mean the same: spaces and the order of names do not count.

    A token bound to one project asks another question than its user does: it must not be given that answer.
    """
    canonical = json.dumps(payload, sort_keys=True, separators=(",", ":"))
    bound = reach_of(request).only_project_id
    digest = hashlib.sha256((canonical if bound is None else f"{bound} {canonical}").encode()).hexdigest()
    return idempotency.Call(
        user_id=person_of(request).id, key=key, method=request.method or "", path=request.path, body_sha256=digest
    )
