"""What is done to a reservation: confirm, cancel, release. All idempotent; If-Match guards them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import actor_of, reservation_for
from portal.accounts.scopes import Scope
from portal.api.body import body_of
from portal.api.idempotent import once
from portal.api.v1 import parameters, shapes
from portal.api.v1.reservations import shown
from portal.api.views import ApiView
from scheduler import limits
from scheduler.models import IdempotencyKey, Reservation, Series
from scheduler.reading import Reader, clean_text
from scheduler.refusals import Invalid
from scheduler.services.cancel import cancel
from scheduler.services.confirm import confirm
from scheduler.services.release import release

NEVER_A_VERSION = 0  # versions begin at 1


class VerbView(ApiView):
    scopes = {"POST": Scope.RESERVATIONS_WRITE}
    fields: frozenset[str] = frozenset()
    service: Callable[..., Reservation]

    def act(self, request: Request, code: str) -> Response:
        reservation = reservation_for(request, code, to_change=True)
        payload = body_of(request)
        act = partial(self._act, request, reservation, payload)
        return once(request, payload, act, again=lambda *_: shown(code))

    def _act(self, request: Request, reservation: Reservation, payload: Any, key: IdempotencyKey | None) -> Response:
        self.service(
            reservation=reservation,
            by=actor_of(request),
            now=self.now,
            expected_version=expected_version(request, reservation),
            **_options(payload, self.fields),
        )
        return shown(reservation.code)


class Confirm(VerbView):
    service = staticmethod(confirm)

    @extend_schema(parameters=parameters.GUARDED, request=None, responses=shapes.Reservation, operation_id="confirm")
    def post(self, request: Request, code: str) -> Response:
        """Make a held reservation a confirmed one."""
        return self.act(request, code)


class Cancel(VerbView):
    service = staticmethod(cancel)
    fields = frozenset({"reason"})

    @extend_schema(
        parameters=parameters.GUARDED, request=shapes.Reason, responses=shapes.Reservation, operation_id="cancel"
    )
    def post(self, request: Request, code: str) -> Response:
        """Withdraw it; if hardware is attached already, take it apart first."""
        return self.act(request, code)


class Release(VerbView):
    service = staticmethod(release)
    fields = frozenset({"reason"})

    @extend_schema(
        parameters=parameters.GUARDED, request=shapes.Reason, responses=shapes.Reservation, operation_id="release"
    )
    def post(self, request: Request, code: str) -> Response:
        """End it early: take the nodes apart, prove it, give the blocks back."""
        return self.act(request, code)


def _options(payload: Any, fields: frozenset[str]) -> Mapping[str, str]:
    reader = Reader()
    body = reader.mapping(payload, "", fields)
    options = {name: clean_text(reader, body[name], name, longest=limits.REASON_CHARS_MAX) for name in body}
    if reader.errors:
        raise Invalid(reader.errors)
    return options


def expected_version(request: Request, reservation: Reservation | Series) -> int | None:
    """None: not guarded. A tag that is none of ours, or a weak one, matches no version (RFC 9110, 13.1.1).

    A call that is made again although it has committed, since its answer was lost, moved the version itself.
    """
    header = request.headers.get("If-Match", "*").strip()
    if header == "*" or getattr(request, "is_repeated", False):
        return None
    tags = {tag.strip() for tag in header.split(",")}
    is_named = bool(tags & {f'"{reservation.version}"', str(reservation.version)})
    return reservation.version if is_named else NEVER_A_VERSION
