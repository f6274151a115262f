"""Wait for what was typed in the builder, or hear of it."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.web.forms.typed import TypedRequest
from portal.web.forms.waiting import hearing_body, waiting_body
from portal.web.present.verdict import verdict_of_refusals
from portal.web.submitting import hear_once, submit_once
from portal.web.toasts import say
from portal.web.views.booking_form import REFUSED, Answer, searched_by, show_form, wanted_by
from portal.web.zones import known_zone
from scheduler.refusals import Invalid, Refused

WAIT, HEAR = "wait", "hear"
WAITING = frozenset({WAIT, HEAR})


def wait_for(request: HttpRequest, typed: TypedRequest, action: str, now: datetime) -> HttpResponse:
    try:
        if action == HEAR:
            return _hear(request, typed, now)
        asked = wanted_by(request, waiting_body(typed), now)
        made = submit_once(request, asked, now=now, copied_from=None)
    except Invalid as invalid:
        return show_form(request, typed, now, Answer(errors=invalid.errors, status=400))
    except Refused as refused:
        verdict = verdict_of_refusals(refused, openings=(), zone=known_zone(typed.zone), holders=())
        return show_form(request, typed, now, Answer(verdict=verdict, status=REFUSED))
    return redirect("web:reservation", made.code)


def _hear(request: HttpRequest, typed: TypedRequest, now: datetime) -> HttpResponse:
    body = hearing_body(typed)
    hear_once(request, searched_by(request, body, now), body, now=now)
    say(request, "You are told once, when it would fit. Nothing is held for you until then.")
    return redirect("web:waitlist")
