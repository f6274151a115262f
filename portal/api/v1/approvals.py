"""What waits for the caller's consent, and the answers. Idempotent; If-Match guards them."""

from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import actor_of
from portal.accounts.scopes import Scope
from portal.api.body import body_of
from portal.api.idempotent import once
from portal.api.paging import PAGING, paged, place
from portal.api.v1 import approval_shapes, parameters, shapes
from portal.api.v1.reservations import shown
from portal.api.v1.verbs import expected_version
from portal.api.v1.wire import when
from portal.api.views import ApiView
from portal.deciding import standing_for, to_decide
from scheduler import limits
from scheduler.models import IdempotencyKey, Reservation
from scheduler.queries.approval_pages import ApprovalRow, approval_page
from scheduler.queries.approvals import Decider
from scheduler.reading import Reader, clean_text
from scheduler.refusals import Invalid
from scheduler.services.approve import approve
from scheduler.services.reject import reject

FIELDS = frozenset({"reason"})


class ApprovalList(ApiView):
    known = PAGING
    scopes = {"GET": Scope.RESERVATIONS_READ}

    @extend_schema(
        parameters=parameters.named(*PAGING),
        responses=shapes.page_of(approval_shapes.OpenApproval),
        operation_id="approvals",
    )
    def get(self, request: Request) -> Response:
        """What waits for the caller, or for somebody the caller stands in for; the first to run out first."""
        limit, after = place(request, self.params)
        self.params.check()
        found = approval_page(standing=standing_for(request, now=self.now), limit=limit, after=after)
        return paged(request, found, approval_wire)


class Answer(ApiView):
    scopes = {"POST": Scope.RESERVATIONS_WRITE}

    def answer(self, request: Request, code: str) -> Response:
        reservation, mine = to_decide(request, code, now=self.now)
        payload = body_of(request)
        act = partial(self._answer, request, reservation, mine, payload)
        return once(request, payload, act, again=lambda *_: shown(code))

    def _answer(
        self, request: Request, reservation: Reservation, mine: Decider, payload: Any, key: IdempotencyKey | None
    ) -> Response:
        self.decide(
            reservation=reservation,
            reason=_reason(payload),
            by=actor_of(request),
            now=self.now,
            on_behalf_of=mine.on_behalf_of,
            expected_version=expected_version(request, reservation),
        )
        return shown(reservation.code)

    def decide(self, **given: Any) -> None:
        raise NotImplementedError


class Approve(Answer):
    @extend_schema(
        parameters=parameters.GUARDED, request=shapes.Reason, responses=shapes.Reservation, operation_id="approve"
    )
    def post(self, request: Request, code: str) -> Response:
        """Consent to a booking that waits for it: it is confirmed on the devices that were kept for it."""
        return self.answer(request, code)

    def decide(self, **given: Any) -> None:
        approve(**given)


class Reject(Answer):
    @extend_schema(
        parameters=parameters.GUARDED,
        request=approval_shapes.Rejection,
        responses=shapes.Reservation,
        operation_id="reject",
    )
    def post(self, request: Request, code: str) -> Response:
        """Decline it, and say why: its devices are free again at once."""
        return self.answer(request, code)

    def decide(self, **given: Any) -> None:
        reject(**given)


def approval_wire(row: ApprovalRow) -> dict[str, Any]:
    return {
        "reservation": row.code,
        "title": row.title,
        "project": row.project,
        "pool": row.pool,
        "asked_by": row.asked_by,
        "priority": row.priority,
        "starts_at": when(row.starts_at),
        "ends_at": when(row.ends_at),
        "nodes": row.nodes,
        "devices": dict(row.devices),
        "usd": str(row.usd),
        "route": row.route,
        "because": list(row.because),
        "asked_at": when(row.asked_at),
        "expires_at": when(row.expires_at),
        "on_behalf_of": row.on_behalf_of or None,
    }


def _reason(payload: Any) -> str:
    reader = Reader()
    body = reader.mapping(payload, "", FIELDS)
    reason = clean_text(reader, body.get("reason", ""), "reason", longest=limits.REASON_CHARS_MAX)
    if reader.errors:
        raise Invalid(reader.errors)
    return reason
