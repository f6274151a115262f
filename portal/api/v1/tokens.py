"""The caller's own tokens. A narrowed token cannot make others: it would reach further than itself."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import actor_of, person_of, unnarrowed_required
from portal.accounts.models import ApiToken
from portal.accounts.token_request import parse_token_request
from portal.accounts.tokens import issue, revoke, text_of, usable
from portal.api.body import body_of
from portal.api.idempotent import once
from portal.api.paging import PAGING, paged, place
from portal.api.v1 import parameters, shapes, token_shapes
from portal.api.v1.booking import words_of
from portal.api.v1.token_wire import token_wire
from portal.api.views import ApiView
from scheduler import limits
from scheduler.models import IdempotencyKey
from scheduler.queries.paging import Page, one_more


class TokenView(ApiView):
    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        unnarrowed_required(request)


class TokenList(TokenView):
    known = PAGING

    @extend_schema(
        parameters=parameters.named(*PAGING), responses=shapes.page_of(token_shapes.Token), operation_id="tokens"
    )
    def get(self, request: Request) -> Response:
        """Own tokens that still work."""
        limit, after = place(request, self.params)
        self.params.check()
        found = usable(now=self.now).filter(user=person_of(request)).select_related("project").order_by("prefix")
        if after is not None:
            found = found.filter(prefix__gt=after)
        kept, following = one_more(found[: limit + 1], limit=limit, key=lambda token: token.prefix)
        return paged(request, Page(tuple(kept), following), token_wire)

    @extend_schema(
        parameters=[parameters.IDEMPOTENCY_KEY],
        request=token_shapes.TokenWish,
        responses={201: token_shapes.NewToken},
        operation_id="make_token",
    )
    def post(self, request: Request) -> Response:
        """Make one. Its text, in `token`, is shown this once."""
        payload = body_of(request)
        return once(request, payload, partial(self._make, request, payload), remade=with_text, again=made_before)

    def _make(self, request: Request, payload: Any, key: IdempotencyKey | None) -> Response:
        most = days_max(request, now=self.now)
        wish = parse_token_request(payload, projects=words_of(request).projects, days_max=most)
        seed = seed_of(key) if key else ""
        token, text = issue(user=person_of(request), wish=wish, by=actor_of(request), now=self.now, seed=seed)
        return Response({**token_wire(token), "token": text}, status=201)


class TokenDetail(TokenView):
    @extend_schema(request=None, responses={204: None}, operation_id="revoke_token")
    def delete(self, request: Request, prefix: str) -> Response:
        """Revoke it, at once. Doing it again changes nothing."""
        token = ApiToken.objects.filter(user=person_of(request), prefix=prefix).first()
        if token is None:
            raise Http404("You have no such token.")
        revoke(token=token, by=actor_of(request), now=self.now)
        return Response(status=204)


def days_max(request: Request, *, now: datetime) -> int:
    """A token cannot outlive the one that makes it."""
    if not isinstance(request.auth, ApiToken):
        return limits.TOKEN_DAYS_MAX
    return min(limits.TOKEN_DAYS_MAX, (request.auth.expires_at - now).days)


def made_before(row: IdempotencyKey, prefix: str) -> Response:
    """The one that a call made which died before it was answered."""
    made = ApiToken.objects.select_related("project").get(prefix=prefix)
    return Response(with_text(row, token_wire(made)), status=201)


def with_text(row: IdempotencyKey, answer: Mapping[str, Any]) -> dict[str, Any]:
    return {**answer, "token": text_of(prefix=answer["id"], seed=seed_of(row))}


def seed_of(row: IdempotencyKey) -> str:
    """Unlike any other row's, also when numbers should ever be drawn again."""
    return f"{row.pk}:{row.user_id}:{row.created_at.isoformat()}:{row.key}"
