"""A new reservation: type it, see at once whether it fits and what it costs, book it. Works without JavaScript."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.access import project_for, reach_of, reservation_for
from portal.web.forms.from_wire import typed_from_wire
from portal.web.forms.offers import FILL, TAKE, offered, whole_minute
from portal.web.forms.payload import parse_typed, without_empty_lines
from portal.web.forms.reading import edited, read_typed
from portal.web.forms.typed import TypedRequest
from portal.web.pages import page, render_page
from portal.web.present.booking import booking_view
from portal.web.present.verdict import VerdictView, verdict_of, verdict_of_errors, verdict_of_refusals
from portal.web.queries import class_names
from portal.web.submitting import new_form_key, submit_once
from portal.web.views.booking_choices import choices_for, fresh_form
from portal.web.zones import known_zone, zone_of
from scheduler.models import Reservation
from scheduler.parsing import Vocabulary, parse_request
from scheduler.queries.vocabulary import vocabulary
from scheduler.refusals import FieldError, Invalid, Refused
from scheduler.requests import ReservationRequest
from scheduler.services.advise import advise, next_openings
from scheduler.states import FINAL

BOOK, CHECK = "book", "check"
_REFUSED = 409


@page
def book(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        return _form(request, _start(request, now), now)
    action = request.POST.get("action", BOOK)
    typed = edited(read_typed(request.POST.dict()), action)
    if action.startswith((TAKE, FILL)):
        return _offered(request, typed, action, now)
    if action == CHECK:
        return _form(request, typed, now, verdict=_verdict(request, typed, now))
    if action != BOOK:
        return _form(request, typed, now)
    try:
        wanted = _wanted(request, typed, now)
    except Invalid as invalid:
        return _form(request, typed, now, errors=invalid.errors, status=400)
    return _submit(request, wanted, typed, now)


def _offered(request: HttpRequest, typed: TypedRequest, action: str, now: datetime) -> HttpResponse:
    """Book exactly what a button offered, or fill it in; what can no longer be read is checked as it was typed."""
    body = offered(action)
    try:
        wanted = _wanted_by(request, body, now) if body is not None else None
    except Invalid:
        wanted = None
    if body is None or wanted is None:
        return _form(request, typed, now, verdict=_verdict(request, typed, now))
    starts_at, ends_at = whole_minute(wanted.window.starts_at), whole_minute(wanted.window.ends_at)
    zone, copied_from = known_zone(typed.zone), typed.copied_from
    filled = typed_from_wire(body, zone=zone, starts_at=starts_at, ends_at=ends_at, now=now, copied_from=copied_from)
    if action.startswith(FILL):
        return _form(request, filled, now, verdict=_verdict(request, filled, now))
    return _submit(request, wanted, filled, now)


def _submit(request: HttpRequest, wanted: ReservationRequest, typed: TypedRequest, now: datetime) -> HttpResponse:
    try:
        made = submit_once(request, wanted, now=now, copied_from=_copied(request, typed))
    except Refused as refused:
        later = next_openings(request=wanted, now=now)
        verdict = verdict_of_refusals(refused, openings=later, zone=known_zone(typed.zone))
        return _form(request, typed, now, verdict=verdict, status=_REFUSED)
    return redirect("web:reservation", made.code)


@page
@require_POST
def live_check(request: HttpRequest) -> HttpResponse:
    """The verdict on what is typed so far; nothing is stored, and a line still to be chosen is no mistake yet."""
    typed = without_empty_lines(read_typed(request.POST.dict()))
    verdict = _verdict(request, typed, timezone.now()) if typed.groups else None
    return render_page(request, "reservations/booking_page.html#check", {"verdict": verdict})


def _start(request: HttpRequest, now: datetime) -> TypedRequest:
    """An empty form, or one filled in from a reservation that is to be tried again or copied."""
    code = request.GET.get("copy")
    if not code:
        return fresh_form(request)
    source = reservation_for(request, code)
    later = _after(source, now)
    return typed_from_wire(
        source.request,
        zone=zone_of(request, pool_zone=source.pool.time_zone),
        starts_at=source.starts_at + later,
        ends_at=source.ends_at + later,
        now=now,
        copied_from=source.code,
    )


def _after(source: Reservation, now: datetime) -> timedelta:
    """How much later a copy begins: once one that still holds its window is given back, so that they do not collide."""
    if source.state in FINAL or source.starts_at <= now:
        return timedelta()
    return whole_minute(source.busy_until + (source.starts_at - source.busy_from)) - source.starts_at


def _wanted(request: HttpRequest, typed: TypedRequest, now: datetime) -> ReservationRequest:
    """Raises Invalid, and PermissionDenied for a project in which one only looks."""
    return parse_typed(typed, vocabulary=_words_for(request, typed.project), now=now)


def _wanted_by(request: HttpRequest, body: Mapping[str, Any], now: datetime) -> ReservationRequest:
    """The same of a whole body."""
    return parse_request(body, vocabulary=_words_for(request, body.get("project", "")), now=now)


def _words_for(request: HttpRequest, project: str) -> Vocabulary:
    reach = reach_of(request)
    words = vocabulary(user_id=reach.user_id, sees_all=reach.sees_all)
    if project in words.projects:
        project_for(request, project, to_book=True)
    return words


def _verdict(request: HttpRequest, typed: TypedRequest, now: datetime) -> VerdictView:
    try:
        advice = advise(request=_wanted(request, typed, now), now=now)
        return verdict_of(advice, names=class_names(), zone=known_zone(typed.zone))
    except Invalid as invalid:
        return verdict_of_errors(invalid.errors)


def _copied(request: HttpRequest, typed: TypedRequest) -> Reservation | None:
    """Only a note of where it came from: one that has gone out of sight is not worth a refusal."""
    try:
        return reservation_for(request, typed.copied_from) if typed.copied_from else None
    except Http404:
        return None


def _form(
    request: HttpRequest,
    typed: TypedRequest,
    now: datetime,
    *,
    errors: tuple[FieldError, ...] = (),
    verdict: VerdictView | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "area": "reservations",
        "form": booking_view(typed, choices=choices_for(request, typed, now=now), errors=errors),
        "verdict": verdict,
        "is_refused": status == _REFUSED,
        "form_key": new_form_key(),
        "check_url": reverse("web:check"),
    }
    is_edit = request.htmx and request.htmx.target == "booking"  # type: ignore[attr-defined]
    part = "#form" if is_edit else ""
    return render_page(request, f"reservations/booking_page.html{part}", context, status=status)
