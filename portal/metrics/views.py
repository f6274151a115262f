"""`/metrics`: for operators, for their tokens, and for the networks that may scrape."""

import logging
from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.request import Request

from portal.access import operator_required
from portal.api.auth import CHALLENGE, BearerAuthentication
from portal.api.errors import plain_problem
from portal.api.problems import Problem
from portal.live.hub import sockets_here
from portal.metrics.requests import OF_PROCESS
from portal.metrics.site import families
from portal.throttles.addresses import address_of
from scheduler.queries.figures import figures

_log = logging.getLogger(__name__)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Whoever is in a network of HEDDLE_METRICS_NETWORKS needs no token, and so no database."""
    if not _is_scraper(request) and (refusal := _refusal(request)) is not None:
        return refusal
    text = generate_latest(OF_PROCESS) + generate_latest(_of_site())
    return HttpResponse(text, content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _is_scraper(request: HttpRequest) -> bool:
    address = address_of(request)
    return address is not None and any(address in network for network in settings.HEDDLE_METRICS_NETWORKS)


def _refusal(request: HttpRequest) -> HttpResponse | None:
    asking = Request(request, authenticators=[BearerAuthentication(), SessionAuthentication()])
    try:
        if not asking.user.is_authenticated:
            raise NotAuthenticated
        operator_required(asking)
    except APIException as error:
        response = plain_problem(request, Problem.UNAUTHENTICATED, detail=str(error.detail))
        response.headers["WWW-Authenticate"] = CHALLENGE
        return response
    except PermissionDenied as error:
        return plain_problem(request, Problem.FORBIDDEN, detail=str(error))
    return None


def _of_site() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_Site())
    return registry


class _Site(Collector):
    """Read when it is asked; without a database it says so, and what the process knows is told all the same."""

    def describe(self) -> Iterator[Metric]:
        """Nothing: else the registry would read everything once more to learn the names."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("heddle_live_sockets", "Live sockets of this process.", value=sockets_here())
        try:
            found = list(families(figures(now=timezone.now())))
        except DatabaseError as error:
            _log.warning("metrics: the database does not answer (%s)", type(error).__name__)
            found = []
        yield GaugeMetricFamily("heddle_database_up", "1 if the database has answered.", value=bool(found))
        yield from found
