"""Change a booking in place: end it sooner, move it, let it extend itself or breathe, hand it over."""

from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import actor_of, bookable_projects, reservation_for
from portal.accounts.scopes import Scope
from portal.api.body import body_of
from portal.api.idempotent import once
from portal.api.v1 import change_shapes, parameters, shapes
from portal.api.v1.reservations import shown
from portal.api.v1.verbs import expected_version
from portal.api.views import ApiView
from scheduler.change_parsing import parse_auto_extend, parse_elastic_wish, parse_hand_over, parse_move, parse_shorten
from scheduler.models import IdempotencyKey, Reservation
from scheduler.services.auto_extend import auto_extend
from scheduler.services.elastic import set_elastic
from scheduler.services.hand_over import hand_over, taker
from scheduler.services.reschedule import reschedule
from scheduler.services.shorten import shorten

ANSWER = {200: shapes.Reservation}


class Changing(ApiView):
    """One verb: `change` is given the reservation, the body, and who, when, and the version one has seen."""

    scopes = {"POST": Scope.RESERVATIONS_WRITE}

    def change(self, request: Request, reservation: Reservation, payload: Any, **guard: Any) -> None:
        raise NotImplementedError

    def act(self, request: Request, code: str) -> Response:
        reservation = reservation_for(request, code, to_change=True)
        payload = body_of(request)
        act = partial(self._act, request, reservation, payload)
        return once(request, payload, act, again=lambda *_: shown(code))

    def _act(self, request: Request, reservation: Reservation, payload: Any, key: IdempotencyKey | None) -> Response:
        version = expected_version(request, reservation)
        guard = {"by": actor_of(request), "now": self.now, "expected_version": version}
        self.change(request, reservation, payload, **guard)
        return shown(reservation.code)


class Shorten(Changing):
    @extend_schema(
        parameters=parameters.GUARDED,
        request=change_shapes.ShortenWish,
        responses=ANSWER,
        operation_id="shorten",
    )
    def post(self, request: Request, code: str) -> Response:
        """End it sooner than booked; what it does not get is not charged. It no longer extends itself."""
        return self.act(request, code)

    def change(self, request: Request, reservation: Reservation, payload: Any, **guard: Any) -> None:
        shorten(reservation=reservation, ends_at=parse_shorten(payload), **guard)


class Move(Changing):
    @extend_schema(
        parameters=parameters.GUARDED,
        request=change_shapes.MoveWish,
        responses=ANSWER,
        operation_id="move",
    )
    def post(self, request: Request, code: str) -> Response:
        """Another window before it begins, planned anew; where that does not fit it stays where it is."""
        return self.act(request, code)

    def change(self, request: Request, reservation: Reservation, payload: Any, **guard: Any) -> None:
        wish = parse_move(payload)
        reschedule(reservation=reservation, starts_at=wish.starts_at, ends_at=wish.ends_at, **guard)


class AutoExtend(Changing):
    @extend_schema(
        parameters=parameters.GUARDED,
        request=change_shapes.AutoExtendWish,
        responses=ANSWER,
        operation_id="auto_extend",
    )
    def post(self, request: Request, code: str) -> Response:
        """Let it extend itself, while it fits, up to a ceiling; its people are told in time where it does not."""
        return self.act(request, code)

    def change(self, request: Request, reservation: Reservation, payload: Any, **guard: Any) -> None:
        auto_extend(reservation=reservation, until=parse_auto_extend(payload), **guard)


class HandOver(Changing):
    @extend_schema(
        parameters=parameters.GUARDED,
        request=change_shapes.HandOverWish,
        responses=ANSWER,
        operation_id="hand_over",
    )
    def post(self, request: Request, code: str) -> Response:
        """Give it to another member, or to another project, whose quota is asked. Its devices stay as they are."""
        return self.act(request, code)

    def change(self, request: Request, reservation: Reservation, payload: Any, **guard: Any) -> None:
        wish, projects = parse_hand_over(payload), bookable_projects(request)
        to = taker(
            reservation=reservation, project=wish.project, user=wish.user, projects=projects, by=actor_of(request)
        )
        hand_over(reservation=reservation, to=to, **guard)


class ElasticGroups(Changing):
    @extend_schema(
        parameters=parameters.GUARDED,
        request=change_shapes.ElasticWish,
        responses=ANSWER,
        operation_id="elastic",
    )
    def post(self, request: Request, code: str) -> Response:
        """Floors, ceilings and weekday profiles of its groups. What is above a floor is given back before others."""
        return self.act(request, code)

    def change(self, request: Request, reservation: Reservation, payload: Any, **guard: Any) -> None:
        set_elastic(reservation=reservation, elastic=parse_elastic_wish(payload), **guard)
