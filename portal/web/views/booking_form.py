"""The form of a new reservation, shown: for whoever answers one that was sent, be it booked, checked or saved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from portal.access import project_for, reach_of
from portal.web.forms.payload import parse_typed
from portal.web.forms.typed import TypedRequest
from portal.web.pages import render_page
from portal.web.pictures import picture_of_plan
from portal.web.present.booking import Shown, booking_view
from portal.web.present.choices import choice_views
from portal.web.present.holders import HolderView, holder_views
from portal.web.present.verdict import VerdictView, is_busy, verdict_of, verdict_of_errors
from portal.web.queries import class_names
from portal.web.submitting import new_form_key
from portal.web.views.booking_choices import choices_for, shelves_for
from portal.web.zones import known_zone
from scheduler.parsing import Vocabulary, parse_request
from scheduler.queries.in_the_way import in_the_way
from scheduler.queries.vocabulary import vocabulary
from scheduler.refusals import FieldError, Invalid, Refusal
from scheduler.requests import ReservationRequest
from scheduler.services.advise import advise
from scheduler.services.choices import quote_choices
from scheduler.slot_parsing import SlotsWish, parse_slots

REFUSED = 409
_FORM_ID = "booking"
_NOTHING_SHOWN = Shown()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the form says back."""

    errors: tuple[FieldError, ...] = ()
    verdict: VerdictView | None = None
    status: int = 200
    shown: Shown = _NOTHING_SHOWN


_PLAIN = Answer()


def show_form(request: HttpRequest, typed: TypedRequest, now: datetime, answer: Answer = _PLAIN) -> HttpResponse:
    choices = choices_for(request, typed, now=now)
    is_edit = request.htmx and request.htmx.target == _FORM_ID  # type: ignore[attr-defined]
    context = {
        "area": "reservations",
        "form": booking_view(typed, choices=choices, errors=answer.errors, shown=answer.shown),
        "shelves": shelves_for(request, typed, found=choices.stock, now=now),
        "verdict": answer.verdict,
        "keeps_verdict": is_edit and answer.verdict is None,
        "is_refused": answer.status == REFUSED,
        "form_key": new_form_key(),
        "check_url": reverse("web:check"),
        "save_url": reverse("web:preset-save", args=[typed.project]) if _may_save(choices.projects, typed) else "",
    }
    is_part = bool(request.htmx) and not request.htmx.boosted  # type: ignore[attr-defined]
    return render_page(
        request, f"reservations/booking_page.html{'#form' if is_part else ''}", context, status=answer.status
    )


def wanted(request: HttpRequest, typed: TypedRequest, now: datetime) -> ReservationRequest:
    """Raises Invalid, and PermissionDenied for a project in which one only looks."""
    return parse_typed(typed, vocabulary=_words_for(request, typed.project), now=now)


def wanted_by(request: HttpRequest, body: Mapping[str, Any], now: datetime) -> ReservationRequest:
    """The same of a whole body."""
    return parse_request(body, vocabulary=_words_for(request, body.get("project", "")), now=now)


def searched_by(request: HttpRequest, body: Mapping[str, Any], now: datetime) -> SlotsWish:
    """A body without a window, between two dates."""
    return parse_slots(body, vocabulary=_words_for(request, body.get("project", "")), now=now)


def verdict_on(request: HttpRequest, typed: TypedRequest, now: datetime) -> VerdictView:
    """Nothing is stored."""
    try:
        asked = wanted(request, typed, now)
    except Invalid as invalid:
        return verdict_of_errors(invalid.errors)
    advice, names, zone = advise(request=asked, now=now), class_names(), known_zone(typed.zone)
    plan = advice.result.plan
    return verdict_of(
        advice,
        pool=asked.pool,
        names=names,
        zone=zone,
        holders=() if plan is not None else holders_of(request, asked, advice.result.refusals, zone),
        picture=picture_of_plan(plan) if plan is not None else None,
        choices=choice_views(quote_choices(request=asked, now=now), body=asked.wire, names=names),
    )


def holders_of(
    request: HttpRequest, asked: ReservationRequest, refusals: Iterable[Refusal], zone: ZoneInfo
) -> tuple[HolderView, ...]:
    """Nobody where it is not for somebody else that it does not fit."""
    if not is_busy(refusals):
        return ()
    found = in_the_way(request=asked, project_ids=reach_of(request).project_ids)
    return holder_views(found, names=class_names(), zone=zone)


def _may_save(projects: Any, typed: TypedRequest) -> bool:
    return any(row.slug == typed.project for row in projects)


def _words_for(request: HttpRequest, project: str) -> Vocabulary:
    reach = reach_of(request)
    words = vocabulary(user_id=reach.user_id, sees_all=reach.sees_all)
    if project in words.projects:
        project_for(request, project, to_book=True)
    return words
