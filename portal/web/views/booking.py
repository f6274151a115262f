"""A new reservation: type it, see at once whether it fits and what it costs, book it. Works without JavaScript."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.access import project_for, reach_of, reservation_for
from portal.web.forms.from_wire import typed_from_wire
from portal.web.forms.moving import moved
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
from scheduler.queries.vocabulary import vocabulary
from scheduler.refusals import FieldError, Invalid, Refused
from scheduler.requests import ReservationRequest
from scheduler.services.check import check

BOOK, CHECK = "book", "check"
_REFUSED = 409


@page
def book(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        return _form(request, _start(request, now), now)
    action = request.POST.get("action", BOOK)
    typed = moved(edited(read_typed(request.POST.dict()), action), action)
    if action == CHECK:
        return _form(request, typed, now, verdict=_verdict(request, typed, now))
    if action != BOOK:
        return _form(request, typed, now)
    try:
        wanted = _wanted(request, typed, now)
        made = submit_once(request, wanted, now=now, copied_from=_copied(request, typed))
    except Invalid as invalid:
        return _form(request, typed, now, errors=invalid.errors, status=400)
    except Refused as refused:
        verdict = verdict_of_refusals(refused, zone=known_zone(typed.zone))
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
    return typed_from_wire(
        source.request,
        zone=zone_of(request, pool_zone=source.pool.time_zone),
        starts_at=source.starts_at,
        ends_at=source.ends_at,
        now=now,
        copied_from=source.code,
    )


def _wanted(request: HttpRequest, typed: TypedRequest, now: datetime) -> ReservationRequest:
    """Raises Invalid, and PermissionDenied for a project in which one only looks."""
    reach = reach_of(request)
    words = vocabulary(user_id=reach.user_id, sees_all=reach.sees_all)
    if typed.project in words.projects:
        project_for(request, typed.project, to_book=True)
    return parse_typed(typed, vocabulary=words, now=now)


def _verdict(request: HttpRequest, typed: TypedRequest, now: datetime) -> VerdictView:
    try:
        result = check(request=_wanted(request, typed, now), now=now)
        return verdict_of(result, names=class_names(), zone=known_zone(typed.zone))
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
