"""The service accounts of a project: who is in it sees them, its leads make and remove them and their tokens."""

from functools import partial
from typing import Any

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import actor_of, project_for
from portal.accounts.models import ApiToken, User
from portal.accounts.service_account_request import parse_service_account_request
from portal.accounts.service_account_rows import (
    ServiceAccountRow,
    service_account_named,
    service_account_page,
    service_account_row,
)
from portal.accounts.service_accounts import issue_token, make, remove
from portal.accounts.token_request import parse_token_request
from portal.accounts.tokens import revoke
from portal.api.body import body_of
from portal.api.idempotent import once
from portal.api.paging import PAGING, paged, place
from portal.api.v1 import parameters, shapes, token_shapes
from portal.api.v1.service_account_shapes import ServiceAccount, ServiceAccountWish, ServiceTokenWish
from portal.api.v1.token_wire import token_wire
from portal.api.v1.tokens import TokenView, days_max, made_before, seed_of, with_text
from portal.api.v1.wire import when
from scheduler.models import IdempotencyKey, Project


class ServiceAccountList(TokenView):
    known = PAGING

    @extend_schema(
        parameters=parameters.named(*PAGING),
        responses=shapes.page_of(ServiceAccount),
        operation_id="service_accounts",
    )
    def get(self, request: Request, slug: str) -> Response:
        """The project's service accounts by name, each with its tokens that still work."""
        project = project_for(request, slug)
        limit, after = place(request, self.params)
        self.params.check()
        page = service_account_page(project=project, now=self.now, limit=limit, after=after)
        return paged(request, page, partial(_wire, project=project))

    @extend_schema(
        parameters=[parameters.IDEMPOTENCY_KEY],
        request=ServiceAccountWish,
        responses={201: ServiceAccount},
        operation_id="make_service_account",
    )
    def post(self, request: Request, slug: str) -> Response:
        """Make one, as a lead of the project. Nobody can sign in with it; give it a token."""
        project = project_for(request, slug, to_lead=True)
        payload = body_of(request)
        again = partial(self._made_before, request, project, payload)
        return once(request, payload, partial(self._make, request, project, payload), again=again)

    def _make(self, request: Request, project: Project, payload: Any, key: IdempotencyKey | None) -> Response:
        wish = parse_service_account_request(payload)
        account = make(project=project, wish=wish, by=actor_of(request), now=self.now)
        return self._made(request, project, wish.name, account)

    def _made_before(self, request: Request, project: Project, payload: Any, *_: object) -> Response:
        name = parse_service_account_request(payload).name
        return self._made(request, project, name, service_account_for(project, name))

    def _made(self, request: Request, project: Project, name: str, account: User) -> Response:
        answer = Response(_wire(service_account_row(account=account, now=self.now), project=project), status=201)
        path = reverse("v1:service-account", kwargs={"slug": project.slug, "name": name})
        answer.headers["Location"] = request.build_absolute_uri(path)
        return answer


class ServiceAccountDetail(TokenView):
    @extend_schema(responses=ServiceAccount, operation_id="service_account")
    def get(self, request: Request, slug: str, name: str) -> Response:
        """One of them."""
        project = project_for(request, slug)
        account = service_account_for(project, name)
        return Response(_wire(service_account_row(account=account, now=self.now), project=project))

    @extend_schema(request=None, responses={204: None}, operation_id="remove_service_account")
    def delete(self, request: Request, slug: str, name: str) -> Response:
        """Remove it and revoke its tokens, at once. What it booked stays with the project."""
        project = project_for(request, slug, to_lead=True)
        remove(account=service_account_for(project, name), by=actor_of(request), now=self.now)
        return Response(status=204)


class ServiceTokenList(TokenView):
    @extend_schema(
        parameters=[parameters.IDEMPOTENCY_KEY],
        request=ServiceTokenWish,
        responses={201: token_shapes.NewToken},
        operation_id="make_service_token",
    )
    def post(self, request: Request, slug: str, name: str) -> Response:
        """Make a token of it, bound to the project. Its text, in `token`, is shown this once."""
        account = service_account_for(project_for(request, slug, to_lead=True), name)
        payload = body_of(request)
        act = partial(self._make, request, account, payload)
        return once(request, payload, act, remade=with_text, again=made_before)

    def _make(self, request: Request, account: User, payload: Any, key: IdempotencyKey | None) -> Response:
        most = days_max(request, now=self.now)
        wish = parse_token_request(payload, projects=(), days_max=most, is_of_service=True)
        seed = seed_of(key) if key else ""
        token, text = issue_token(account=account, wish=wish, by=actor_of(request), now=self.now, seed=seed)
        return Response({**token_wire(token), "token": text}, status=201)


class ServiceTokenDetail(TokenView):
    @extend_schema(request=None, responses={204: None}, operation_id="revoke_service_token")
    def delete(self, request: Request, slug: str, name: str, prefix: str) -> Response:
        """Revoke one token of it, at once. Doing it again changes nothing."""
        account = service_account_for(project_for(request, slug, to_lead=True), name)
        token = ApiToken.objects.filter(user=account, prefix=prefix).first()
        if token is None:
            raise Http404("It has no such token.")
        revoke(token=token, by=actor_of(request), now=self.now)
        return Response(status=204)


def service_account_for(project: Project, name: str) -> User:
    """Raises Http404, also for one that was removed."""
    account = service_account_named(project=project, name=name)
    if account is None:
        raise Http404("The project has no such service account.")
    return account


def _wire(row: ServiceAccountRow, *, project: Project) -> dict[str, Any]:
    return {
        "name": row.name,
        "username": row.username,
        "project": project.slug,
        "role": row.role,
        "created_at": when(row.made_at),
        "tokens": [token_wire(token) for token in row.tokens],
    }
