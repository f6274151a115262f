"""The portal's addresses, and views that do as little as can be: what an answer costs at least."""

from typing import Any

from django.urls import URLPattern, URLResolver, path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fabric.models import Pool
from portal.bench.bare_booking import BareBooking
from portal.bench.bare_list import BareList, BareListForTheCaller
from portal.bench.pages_plain import PATH, plain
from portal.urls import handler400 as handler400
from portal.urls import handler403 as handler403
from portal.urls import handler404 as handler404
from portal.urls import handler500 as handler500
from portal.urls import urlpatterns as of_the_portal


class Bare(APIView):
    """One query, no caller."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def post(self, request: Request) -> Response:
        return _answer(request)


class BareForTheCaller(APIView):
    """The same, with the portal's own authentication before it."""

    def post(self, request: Request) -> Response:
        return _answer(request)


def _answer(request: Request) -> Response:
    """Status 201, as a quote's."""
    body: Any = request.data
    return Response(Pool.objects.values("code", "generation").get(code=body["pool"]), status=201)


urlpatterns: list[URLPattern | URLResolver] = [
    path(PATH.lstrip("/"), plain),
    path("bench/bare/", Bare.as_view()),
    path("bench/bare-for-the-caller/", BareForTheCaller.as_view()),
    path("bench/booking/", BareBooking.as_view()),
    path("bench/reservations/", BareList.as_view()),
    path("bench/reservations-for-the-caller/", BareListForTheCaller.as_view()),
    *of_the_portal,
]
