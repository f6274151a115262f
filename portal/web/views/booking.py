"""A new reservation: type it, see at once whether it fits and what it costs, book it. Works without JavaScript."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.access import reach_of, reservation_for
from portal.web.forms.edits import edited, removed
from portal.web.forms.focusing import focus_after
from portal.web.forms.from_wire import typed_from_wire
from portal.web.forms.offers import FILL, TAKE, offered, whole_minute
from portal.web.forms.payload import without_empty_lines
from portal.web.forms.prefill import prefilled, with_mix
from portal.web.forms.reading import read_typed
from portal.web.forms.typed import TypedRequest
from portal.web.pages import page, render_page
from portal.web.present.booking import Shown
from portal.web.present.verdict import verdict_of_refusals
from portal.web.queries import class_names, pool_with, stocked_codes
from portal.web.submitting import form_key_of, submit_once
from portal.web.views.booking_choices import fresh_form
from portal.web.views.booking_form import REFUSED, Answer, holders_of, show_form, verdict_on, wanted, wanted_by
from portal.web.views.booking_waiting import WAITING, wait_for
from portal.web.zones import known_zone, zone_of
from scheduler.models import Reservation
from scheduler.queries.presets import preset_of
from scheduler.refusals import Invalid, Refused
from scheduler.requests import ReservationRequest
from scheduler.services.advise import next_openings
from scheduler.states import FINAL

BOOK, CHECK = "book", "check"
BOOKED_COOKIE = "heddle_booked"  # which form was booked last, so that the browser forgets its draft
_BOOKED_SECONDS = 24 * 3600


@page
def book(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        return show_form(request, _start(request, now), now)
    action = request.POST.get("action", BOOK)
    before = read_typed(request.POST.dict())
    typed = edited(before, action)
    if action.startswith((TAKE, FILL)):
        return _offered(request, typed, action, now)
    if action in WAITING:
        return wait_for(request, typed, action, now)
    if action == CHECK:
        return show_form(request, typed, now, Answer(verdict=verdict_on(request, typed, now)))
    if action != BOOK:
        shown = Shown(removed(before, action), focus_after(typed, action))
        return show_form(request, typed, now, Answer(shown=shown))
    try:
        asked = wanted(request, typed, now)
    except Invalid as invalid:
        return show_form(request, typed, now, Answer(errors=invalid.errors, status=400))
    return _submit(request, asked, typed, now)


def _offered(request: HttpRequest, typed: TypedRequest, action: str, now: datetime) -> HttpResponse:
    """Book exactly what a button offered, or fill it in; what can no longer be read is checked as it was typed."""
    body = offered(action)
    try:
        asked = wanted_by(request, body, now) if body is not None else None
    except Invalid:
        asked = None
    if body is None or asked is None:
        return show_form(request, typed, now, Answer(verdict=verdict_on(request, typed, now)))
    starts_at, ends_at = whole_minute(asked.window.starts_at), whole_minute(asked.window.ends_at)
    zone, copied_from = known_zone(typed.zone), typed.copied_from
    filled = typed_from_wire(body, zone=zone, starts_at=starts_at, ends_at=ends_at, now=now, copied_from=copied_from)
    if action.startswith(FILL):
        return show_form(request, filled, now, Answer(verdict=verdict_on(request, filled, now)))
    return _submit(request, asked, filled, now)


def _submit(request: HttpRequest, asked: ReservationRequest, typed: TypedRequest, now: datetime) -> HttpResponse:
    try:
        made = submit_once(request, asked, now=now, copied_from=_copied(request, typed))
    except Refused as refused:
        later = next_openings(request=asked, now=now)
        zone = known_zone(typed.zone)
        holders = holders_of(request, asked, refused.refusals, zone)
        verdict = verdict_of_refusals(refused, openings=later, zone=zone, holders=holders)
        return show_form(request, typed, now, Answer(verdict=verdict, status=REFUSED))
    response = redirect("web:reservation", made.code)
    sent = form_key_of(request)
    response.set_cookie(BOOKED_COOKIE, sent, max_age=_BOOKED_SECONDS, path=reverse("web:book"), samesite="Lax")
    return response


@page
@require_POST
def live_check(request: HttpRequest) -> HttpResponse:
    """The verdict on what is typed so far; nothing is stored, and a line still to be chosen is no mistake yet."""
    typed = without_empty_lines(read_typed(request.POST.dict()))
    verdict = verdict_on(request, typed, timezone.now()) if typed.groups else None
    return render_page(request, "reservations/booking_page.html#check", {"verdict": verdict, "is_check": True})


def _start(request: HttpRequest, now: datetime) -> TypedRequest:
    """An empty form, or one filled in from the address: a reservation to be copied, a preset, a class, a window."""
    code = request.GET.get("copy")
    typed = _copy(request, code, now) if code else fresh_form(request)
    wanted_preset = request.GET.get("preset", "")
    preset = preset_of(code=wanted_preset, project_ids=reach_of(request).project_ids) if wanted_preset else None
    if preset is not None:
        typed = with_mix(typed, preset.body, preset=preset.code, stocked=stocked_codes(pool_code=typed.pool))
    device_class = request.GET.get("device_class", "")
    if device_class and not request.GET.get("pool") and not code:
        typed = replace(typed, pool=pool_with(class_code=device_class) or typed.pool)
    classes = class_names() if device_class else {}
    return prefilled(typed, request.GET.dict(), classes=classes, now=now)


def _copy(request: HttpRequest, code: str, now: datetime) -> TypedRequest:
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


def _copied(request: HttpRequest, typed: TypedRequest) -> Reservation | None:
    """Only a note of where it came from: one that has gone out of sight is not worth a refusal."""
    try:
        return reservation_for(request, typed.copied_from) if typed.copied_from else None
    except Http404:
        return None
