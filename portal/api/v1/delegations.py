"""Who decides for whom while somebody is away. A narrowed token cannot say so: it would reach further than itself."""

from functools import partial
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import actor_of, person_of
from portal.api.body import body_of
from portal.api.idempotent import once
from portal.api.paging import PAGING, paged, place
from portal.api.v1 import approval_shapes, parameters, shapes
from portal.api.v1.tokens import TokenView
from portal.api.v1.wire import when
from portal.deciding import delegation_for
from portal.delegating import make_delegation, read_delegation
from scheduler.models import Delegation, IdempotencyKey
from scheduler.queries.approvals import delegations_of
from scheduler.queries.paging import Page, one_more
from scheduler.services.delegate import end_delegation


class DelegationList(TokenView):
    known = PAGING

    @extend_schema(
        parameters=parameters.named(*PAGING),
        responses=shapes.page_of(approval_shapes.Delegation),
        operation_id="delegations",
    )
    def get(self, request: Request) -> Response:
        """The caller's, given and taken, that are not over."""
        limit, after = place(request, self.params)
        self.params.check()
        found = delegations_of(user_id=person_of(request).pk, now=self.now).order_by("id")
        if after is not None:
            found = found.filter(id__gt=int(after))
        kept, following = one_more(found[: limit + 1], limit=limit, key=lambda one: str(one.pk))
        return paged(request, Page(tuple(kept), following), delegation_wire)

    @extend_schema(
        parameters=[parameters.IDEMPOTENCY_KEY],
        request=approval_shapes.DelegationWish,
        responses={201: approval_shapes.Delegation},
        operation_id="delegate",
    )
    def post(self, request: Request) -> Response:
        """Let somebody decide in the caller's place until a moment. They are told."""
        payload = body_of(request)
        return once(request, payload, partial(self._make, request, payload), again=_made_before)

    def _make(self, request: Request, payload: Any, key: IdempotencyKey | None) -> Response:
        wish = read_delegation(request, payload, now=self.now)
        made = make_delegation(giver=person_of(request), wish=wish, by=actor_of(request), now=self.now)
        return Response(delegation_wire(made), status=201)


class DelegationDetail(TokenView):
    @extend_schema(request=None, responses={204: None}, operation_id="end_delegation")
    def delete(self, request: Request, number: int) -> Response:
        """End one that was given or taken, at once. What was decided stays."""
        mine = delegation_for(request, number, now=self.now)
        end_delegation(delegation=mine, by=actor_of(request), now=self.now)
        return Response(status=204)


def _made_before(row: IdempotencyKey, number: str) -> Response:
    """The one that a call made which died before it was answered; it may be ended since."""
    made = Delegation.objects.select_related("giver", "taker", "project").filter(pk=int(number)).first()
    if made is None:
        raise Http404("It is ended already.")
    return Response(delegation_wire(made), status=201)


def delegation_wire(one: Delegation) -> dict[str, Any]:
    return {
        "id": one.pk,
        "giver": one.giver.get_username(),
        "to": one.taker.get_username(),
        "project": one.project.slug if one.project else None,
        "starts_at": when(one.starts_at),
        "ends_at": when(one.ends_at),
        "created_at": when(one.created_at),
    }
