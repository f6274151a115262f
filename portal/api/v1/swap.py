"""A device of a booking in use has failed: what would take its place, and the swap, which somebody must ask for."""

from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import actor_of, reservation_for
from portal.accounts.scopes import Scope
from portal.api.body import body_of
from portal.api.idempotent import once
from portal.api.problems import Problem
from portal.api.v1 import parameters, shapes
from portal.api.v1.reservations import shown
from portal.api.v1.verbs import expected_version
from portal.api.views import ApiView
from scheduler import limits
from scheduler.models import IdempotencyKey, Reservation
from scheduler.reading import Reader, clean_text
from scheduler.refusals import Invalid
from scheduler.services.swap import SwapOffer, offer_swap, swap

FIELDS = frozenset({"block", "reason"})


class Swap(ApiView):
    known = frozenset({"block"})
    scopes = {"GET": Scope.RESERVATIONS_READ, "POST": Scope.RESERVATIONS_WRITE}
    problems = {"GET": (Problem.REFUSED, Problem.POOL_BUSY, Problem.WRONG_STATE)}

    @extend_schema(parameters=parameters.named("block"), responses={200: shapes.SwapOffer}, operation_id="swap_offer")
    def get(self, request: Request, code: str) -> Response:
        """Which device would take its place, whether the host reboots, and how long it takes. Nothing is held."""
        reservation = reservation_for(request, code, to_change=True)
        block = self.params.text("block")
        if block is None:
            self.params.add("block", "required", "Say which device.")
        self.params.check()
        return Response(offer_wire(offer_swap(reservation=reservation, block=block or "", now=self.now)))

    @extend_schema(
        parameters=parameters.GUARDED,
        request=shapes.SwapWish,
        responses={200: shapes.Reservation},
        operation_id="swap",
    )
    def post(self, request: Request, code: str) -> Response:
        """Swap a failed device for an equal free one while the node stays in use. Repeated: changes nothing."""
        reservation = reservation_for(request, code, to_change=True)
        payload = body_of(request)
        act = partial(self._swap, request, reservation, payload)
        return once(request, payload, act, again=lambda *_: shown(code))

    def _swap(self, request: Request, reservation: Reservation, payload: Any, key: IdempotencyKey | None) -> Response:
        swap(
            reservation=reservation,
            by=actor_of(request),
            now=self.now,
            version=expected_version(request, reservation),
            **_wanted(payload),
        )
        return shown(reservation.code)


def offer_wire(offer: SwapOffer) -> dict[str, Any]:
    return {
        "node": offer.node,
        "block": offer.block,
        "replacement": offer.replacement,
        "given": dict(offer.given),
        "needs_reboot": offer.needs_reboot,
        "seconds": offer.seconds,
    }


def _wanted(payload: Any) -> dict[str, str]:
    reader = Reader()
    body = reader.mapping(payload, "", FIELDS)
    block = body.get("block")
    if not isinstance(block, str) or not block:
        reader.add("block", "required" if block in (None, "") else "invalid", "Say which device, by its block's code.")
    reason = clean_text(reader, body.get("reason", ""), "reason", longest=limits.REASON_CHARS_MAX)
    if reader.errors:
        raise Invalid(reader.errors)
    return {"block": str(block), "reason": reason}
