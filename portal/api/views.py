"""What every view of the API has in common."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.scopes import Scope
from portal.api import throttling
from portal.api.params import Params
from portal.api.problems import Problem


class ApiView(APIView):
    """`known` are the query parameters of its reads, `scopes` what a scoped token needs by method (None: no scope).

    `problems` are ways in which a method can fail that the schema cannot tell from its path and headers.
    """

    known: frozenset[str] = frozenset()
    scopes: Mapping[str, Scope | None] = {}
    problems: Mapping[str, Collection[Problem]] = {}
    now: datetime

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not hasattr(self, (request.method or "").lower()):
            raise MethodNotAllowed(request.method or "")  # whatever its parameters are
        self.now = timezone.now()
        self.params = Params(request, known=self.known if request.method in ("GET", "HEAD") else ())
        self.params.check()

    def perform_authentication(self, request: Request) -> None:
        """Who calls, and whether that is too often: also of those who may not do what they ask for."""
        try:
            super().perform_authentication(request)
        except AuthenticationFailed:
            throttling.count_refused(request)
            raise
        throttling.count_call(request)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Answers are of one moment and of one caller: no cache on the way may keep them."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        for name, value in throttling.headers_of(request).items():
            answer.headers[name] = value
        return answer


@extend_schema(exclude=True)
class NothingHere(ApiView):
    """Every path of the API that is no endpoint: the same problem document as for a thing that does not exist."""

    authentication_classes = ()
    permission_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        hint = "" if request.path.endswith("/") else " Paths of this API end with a slash."
        raise Http404(f"There is no such endpoint.{hint}")
