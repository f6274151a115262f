"""Windows that come again: the list, the form that repeats a mix, and one series with its occurrences."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal.access import actor_of, project_for, reach_of, reservation_for, series_for
from portal.web.forms.payload import payload_of
from portal.web.forms.reading import read_typed
from portal.web.forms.repeat import TypedRepeat, body_of, left_out_of, minutes_between, read_repeat, wish_of, with_rule
from portal.web.forms.typed import AT
from portal.web.pages import page, render_page
from portal.web.present.series import (
    form_fields,
    left_out_words,
    misfit_views,
    mix_words,
    occurrence_views,
    series_view,
    stray,
)
from portal.web.queries import class_names
from portal.web.submitting import new_form_key, repeat_once
from portal.web.toasts import say
from portal.web.zones import zone_names, zone_of
from scheduler.models import Reservation, Series
from scheduler.parsing import Vocabulary
from scheduler.planning.recurrence_rule import counting_down
from scheduler.queries.series import body_of as whole_body
from scheduler.queries.series import occurrences_of, series_page, series_row
from scheduler.queries.vocabulary import vocabulary
from scheduler.reading import Reader
from scheduler.refusals import FieldError, Invalid, Refused, Stale, WrongState
from scheduler.series_parsing import REPEATED, SeriesWish, local_text, parse_series
from scheduler.series_rewriting import cut_at
from scheduler.services.series import preview_series
from scheduler.services.series_change import change_series, end_series

BOOK, CHECK, FROM_BUILDER = "book", "check", "repeat"
CHANGE, END = "change", "end"
LISTED = 50
_REFUSED = 409
_HOUR_OF_START = 9
_WEEK = timedelta(weeks=1)
_DIGITS_MAX = 9
CHANGED = "The series has changed since you looked at it. Look again before you change it."


@page
def series_list(request: HttpRequest) -> HttpResponse:
    reach = reach_of(request)
    found = series_page(project_ids=reach.project_ids, limit=LISTED, after=request.GET.get("after"))
    context = {
        "area": "reservations",
        "series": [series_view(row) for row in found.rows],
        "next": found.next_after,
        "may_book": any(reach.may_book(project_id) for project_id in reach.roles),
    }
    return render_page(request, "series/series_list.html", context)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def repeat(request: HttpRequest) -> HttpResponse:
    """The form: filled in from the builder or from a reservation, checked, booked."""
    now, action = timezone.now(), request.POST.get("action", "")
    if request.method != "POST" or action == FROM_BUILDER:
        return _form(request, _from_builder(request, now) if request.POST else _from_reservation(request, now))
    typed = read_repeat(request.POST.dict())
    body = body_of(typed)
    try:
        wish = parse_series(body, vocabulary=_words_for(request, body.get("project", "")), zone="UTC", now=now)
        if action == CHECK:
            count, misfits = preview_series(wish=wish, now=now)
            return _form(request, typed, checked=(count, misfits))
        code = repeat_once(request, wish, body, now=now)
    except (Invalid, Refused) as error:
        return _form(request, typed, error=error)
    say(request, "The series is booked.")
    return redirect("web:one-series", code)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def one_series(request: HttpRequest, code: str) -> HttpResponse:
    series = series_for(request, code, to_change=request.method == "POST")
    if request.method != "POST":
        return _show(request, series)
    typed, now, by = read_repeat(request.POST.dict()), timezone.now(), actor_of(request)
    version = _number(request.POST.get("version", ""))
    try:
        since = _since(series, typed)
        if request.POST.get("action") == END:
            end_series(series=series, by=by, now=now, since=since, expected_version=version)
            say(request, "What had not begun is cancelled; what was changed on its own stays.")
            return redirect("web:one-series", code)
        wish = _changed(request, series, typed, since, now)
        held = change_series(series=series, wish=wish, by=by, now=now, since=since, expected_version=version)
    except Stale:
        return _show(request, series_for(request, code), trouble=CHANGED, status=412)
    except (Invalid, Refused, WrongState) as error:
        return _show(request, series_for(request, code), typed=typed, error=error)
    say(request, "The series is changed.")
    return redirect("web:one-series", held.code)


def _form(
    request: HttpRequest,
    typed: TypedRepeat,
    *,
    checked: tuple[int, list[dict[str, object]]] | None = None,
    error: Invalid | Refused | None = None,
) -> HttpResponse:
    wish = wish_of(typed)
    context = {
        "area": "reservations",
        "typed": typed,
        "form_key": new_form_key(),
        "project": wish.get("project", ""),
        "pool": wish.get("pool", ""),
        "mix": mix_words(wish, class_names()),
        "left_out": left_out_words(typed),
        "fits": checked[0] if checked else None,
        "misfits": misfit_views(checked[1]) if checked else (),
        **_told(typed, error),
    }
    return render_page(request, "series/repeat_page.html", context, status=_status(error))


def _show(
    request: HttpRequest,
    series: Series,
    *,
    typed: TypedRepeat | None = None,
    error: Invalid | Refused | WrongState | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    row = series_row(code=series.code)
    if row is None:
        raise Http404("There is no such series.")
    typed = typed or _typed_of(series)
    occurrences = occurrence_views(occurrences_of(code=series.code))
    context = {
        "area": "reservations",
        "it": series_view(row),
        "version": row.version,
        "mix": mix_words(row.request, class_names()),
        "occurrences": occurrences,
        "ahead": [one for one in occurrences if one.starts_at > timezone.now()],
        "misfits": misfit_views(row.misfits),
        "may_change": reach_of(request).may_end(series.project_id) and row.ended_at is None,
        "trouble": trouble or (str(error) if isinstance(error, WrongState) else ""),
        "typed": typed,
        **_told(typed, error),
    }
    return render_page(request, "series/series_page.html", context, status=status if not error else _status(error))


def _told(typed: TypedRepeat, error: Exception | None) -> dict[str, Any]:
    """What is wrong beside its fields; a question of gap or fold opens its field."""
    errors = error.errors if isinstance(error, Invalid) else ()
    refused = error.refusals if isinstance(error, Refused) else ()
    asked = tuple(FieldError(one.field, "choice", one.message) for one in refused if one.field in ("in_gap", "in_fold"))
    return {
        "f": form_fields(typed, zones=zone_names(), errors=(*errors, *asked)),
        "stray": stray(errors),
        "is_wrong": bool(errors or asked),
        "refused": [one.message for one in refused if one.field not in ("in_gap", "in_fold")],
    }


def _status(error: Exception | None) -> int:
    if error is None:
        return 200
    return 400 if isinstance(error, Invalid) else _REFUSED


def _from_builder(request: HttpRequest, now: datetime) -> TypedRepeat:
    """The mix as it is typed there; what is wrong with it is said when it is checked."""
    typed = read_typed(request.POST.dict())
    body, _ = payload_of(typed)
    minutes = body.get("duration_minutes")
    if minutes is None and {"starts_at", "ends_at"} <= body.keys():
        minutes = minutes_between(body["starts_at"], body["ends_at"])
    wish = {name: value for name, value in body.items() if name in REPEATED}
    start = typed.starts_at if typed.start == AT and typed.starts_at else _tomorrow(request, now)
    return TypedRepeat(
        wish=json.dumps(wish),
        zone=typed.zone,
        starts_local=start,
        minutes=str(minutes or "120"),
        left_out=left_out_of(body),
    )


def _from_reservation(request: HttpRequest, now: datetime) -> TypedRepeat:
    """Of `?copy=`: the same again, the first time where the next of its days is."""
    code = request.GET.get("copy", "")
    if not code:
        return TypedRepeat(zone=zone_of(request).key, starts_local=_tomorrow(request, now))
    source: Reservation = reservation_for(request, code)
    zone = zone_of(request, pool_zone=source.pool.time_zone)
    local = source.starts_at.astimezone(zone).replace(tzinfo=None) + _WEEK
    while local.replace(tzinfo=zone) <= now:
        local += _WEEK
    minutes = round((source.ends_at - source.starts_at).total_seconds() / 60)
    wish = {name: value for name, value in source.request.items() if name in REPEATED}
    said = {
        "preempt": source.request.get("preempt"),
        "elastic": source.elastic,
        "auto_extend_until": source.auto_extend_until,
    }
    return TypedRepeat(
        wish=json.dumps(wish),
        zone=zone.key,
        starts_local=local_text(local),
        minutes=str(minutes),
        left_out=left_out_of(said),
    )


def _typed_of(series: Series) -> TypedRepeat:
    typed = TypedRepeat(
        wish=json.dumps(series.request),
        zone=series.time_zone,
        starts_local=series.starts_local,
        minutes=str(series.duration_minutes),
        skips="on" if series.on_misfit == "skip" else "",
        in_gap=series.in_gap,
        in_fold=series.in_fold,
    )
    return with_rule(typed, series.rule)


def _since(series: Series, typed: TypedRepeat) -> datetime | None:
    """None is all of it."""
    if not typed.since:
        return None
    reader = Reader()
    since = reader.moment(typed.since, "since")
    if since is None or not series.occurrences.filter(occurrence_at=since).exists():
        raise Invalid([FieldError("since", "unknown", "The series has no occurrence there.")])
    return since


def _changed(
    request: HttpRequest, series: Series, typed: TypedRepeat, since: datetime | None, now: datetime
) -> SeriesWish:
    """Its mix stays. Of a later part, the day is that of its first occurrence and the time is the one typed."""
    words = _names(request)
    before = whole_body(series=series)
    body: dict[str, Any] = {**body_of(replace(typed, wish=json.dumps(series.request)))}
    body["excluded"] = before["excluded"]
    if since is not None:
        old = parse_series(before, vocabulary=words, zone=series.time_zone, now=now)
        cut = cut_at(old.pattern, since)
        body["starts_local"] = f"{cut.local:%Y-%m-%d}T{typed.starts_local[11:16]}"
        if body["rule"] == before["rule"]:
            body["rule"] = counting_down(before["rule"], cut.done)
    return parse_series(body, vocabulary=words, zone=series.time_zone, now=now)


def _words_for(request: HttpRequest, project: str) -> Vocabulary:
    words = _names(request)
    if project in words.projects:
        project_for(request, project, to_book=True)
    return words


def _names(request: HttpRequest) -> Vocabulary:
    reach = reach_of(request)
    return vocabulary(user_id=reach.user_id, sees_all=reach.sees_all)


def _tomorrow(request: HttpRequest, now: datetime) -> str:
    day = now.astimezone(zone_of(request)) + timedelta(days=1)
    return local_text(day.replace(hour=_HOUR_OF_START, minute=0))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX else None
