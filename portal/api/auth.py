"""Who calls: a bearer token, or the browser's session with its CSRF token. With a token no cookie is looked at."""

from typing import TYPE_CHECKING

from django.utils import timezone
from rest_framework import authentication, exceptions
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from portal.accounts.models import ApiToken, User
from portal.accounts.scopes import Scope, grants
from portal.accounts.tokens import bearer

if TYPE_CHECKING:  # the framework's views load this module by its settings
    from rest_framework.views import APIView

CHALLENGE = 'Bearer realm="heddle"'


class BearerAuthentication(authentication.BaseAuthentication):
    """First in the list: whoever sends an Authorization header is judged by it alone."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        token = bearer(header, now=timezone.now())
        if token is None:
            raise exceptions.AuthenticationFailed("The token is not known, or it has expired or been revoked.")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE if "HTTP_AUTHORIZATION" not in request.META else f'{CHALLENGE}, error="invalid_token"'


class IsIdentified(BasePermission):
    """Nothing of the API is for strangers to the portal."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return bool(request.user and request.user.is_authenticated)


class HasScope(BasePermission):
    """A scoped token may only call what a scope of its own names; a view lists them by method in `scopes`."""

    message = "The token lacks the scope for this."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not isinstance(request.auth, ApiToken):
            return True
        wanted: Scope | None = getattr(view, "scopes", {}).get(request.method if request.method != "HEAD" else "GET")
        return wanted is None or grants(request.auth.scopes, wanted)
