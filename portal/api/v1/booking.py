"""Read what a caller wants to book: shared by quotes and reservations, so that both refuse with the same words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rest_framework.request import Request

from portal.access import actor_of, booking_required, project_for, reach_of
from scheduler.models import IdempotencyKey, Quote, Reservation
from scheduler.parsing import Vocabulary, parse_request
from scheduler.queries.vocabulary import vocabulary
from scheduler.reading import Reader
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import ReservationRequest
from scheduler.services.accept_quote import accept_quote
from scheduler.services.submit import submit


def wanted(request: Request, payload: Any, *, now: datetime) -> ReservationRequest:
    """Raises Invalid, and PermissionDenied for a project in which the caller only looks."""
    words = words_of(request)
    slug = payload.get("project") if isinstance(payload, Mapping) else None
    if isinstance(slug, str) and slug in words.projects:
        booking_required(request, slug)
    return parse_request(payload, vocabulary=words, now=now)


def book(request: Request, payload: Any, *, now: datetime, key: IdempotencyKey | None) -> Reservation:
    """By a mix, or by the id of a quote. Raises Invalid, Refused, PermissionDenied."""
    by = actor_of(request)
    if isinstance(payload, Mapping) and "quote" in payload:
        quote = _quote(request, payload)
        return accept_quote(quote=quote, vocabulary=words_of(request), by=by, now=now, key=key)
    return submit(request=wanted(request, payload, now=now), by=by, now=now, key=key)


def words_of(request: Request) -> Vocabulary:
    reach = reach_of(request)
    return vocabulary(user_id=reach.user_id, sees_all=reach.sees_all, only_project_id=reach.only_project_id)


def _quote(request: Request, payload: Mapping[str, Any]) -> Quote:
    """A quote of a project one is not in looks like one that does not exist."""
    reader = Reader()
    code = reader.mapping(payload, "", {"quote"}).get("quote")
    if reader.errors:
        raise Invalid(reader.errors)
    found = None
    if isinstance(code, str) and code.isascii() and code.isprintable():
        found = Quote.objects.select_related("project", "pool", "accepted_as").filter(code=code).first()
    if found is None or not reach_of(request).may_see(found.project_id):
        raise Invalid([FieldError("quote", "unknown", "There is no such quote.")])
    project_for(request, found.project.slug, to_book=True)
    return found
