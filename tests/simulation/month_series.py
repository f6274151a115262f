"""Windows that come again: booked as far as they fit, changed from some day on, moved on one day, or ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from scheduler.models import Reservation, Series
from scheduler.queries.series import body_of
from scheduler.requests import Actor
from scheduler.series_parsing import SeriesWish, local_text, parse_series
from scheduler.series_rewriting import changed_body, cut_at
from scheduler.services.reschedule import reschedule
from scheduler.services.series import make_series
from scheduler.services.series_change import change_series, end_series
from scheduler.states import ReservationState
from tests.simulation.month_arrivals import Arrival

if TYPE_CHECKING:
    from tests.simulation.month_people import People

WINDOWS = 3
ZONE = "America/New_York"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LEAST, DAYS_LONG = HOUR, timedelta(hours=18)  # the pool's least; longer than that they come each week, not each day
SLOT_MINUTES = 15
ACTS_FROM, ACTS_UNTIL = timedelta(hours=1), timedelta(hours=16)


def book(people: People, one: Arrival) -> None:
    """The hours of one job in windows of the same time of day. Raises Refused where not even one fits."""
    from tests.simulation.month_people import slot

    length = max(one.duration / WINDOWS // (SLOT_MINUTES * MINUTE) * SLOT_MINUTES * MINUTE, LEAST)
    body = people.body(one)
    begins = slot(people.now + (one.begins_in or HOUR)).astimezone(ZoneInfo(ZONE))
    wire = {name: body[name] for name in ("project", "pool", "mix", "priority")} | {
        "rule": f"FREQ={'DAILY' if length <= DAYS_LONG else 'WEEKLY'};COUNT={WINDOWS}",
        "time_zone": ZONE,
        "starts_local": local_text(begins.replace(tzinfo=None)),
        "duration_minutes": length // MINUTE,
        "on_misfit": "skip",
        "in_gap": "later",
        "in_fold": "first",
    }
    made = make_series(wish=_read(people, wire), by=people.by(one.project), now=people.now)
    people.told["occurrences booked"] += made.occurrences.count()
    verb, act = _ACTS[people.told["series"] % len(_ACTS)]  # in turn
    after = people.rng.uniform(ACTS_FROM / HOUR, ACTS_UNTIL / HOUR) * HOUR
    by = people.by(one.project)
    people.at(people.now + after, lambda: people.tried(verb, partial(_do, people, act, made.pk, by)))


def _do(people: People, act: _Act, pk: int, by: Actor) -> None:
    act(people, Series.objects.select_related("project", "pool").get(pk=pk), by)


def _change_later(people: People, series: Series, by: Actor) -> None:
    """From the second window on they are an hour longer."""
    ahead = _ahead(series)[1:2]
    if not ahead:
        people.told["no later windows"] += 1
        return
    since = ahead[0].occurrence_at
    assert since is not None, "occurrences have their place"
    before = body_of(series=series)
    cut = cut_at(_read(people, before).pattern, since)
    patch = {"duration_minutes": series.duration_minutes + 60}
    wish = _read(people, changed_body(before, patch, cut))
    change_series(series=series, wish=wish, by=by, now=people.now, since=since)
    people.told["changed later windows"] += 1


def _change_all(people: People, series: Series, by: Actor) -> None:
    """All that are to come begin an hour later."""
    before = body_of(series=series)
    first = _read(people, before).pattern.first + HOUR
    wish = _read(people, changed_body(before, {"starts_local": local_text(first)}, None))
    change_series(series=series, wish=wish, by=by, now=people.now)


def _move_one(people: People, series: Series, by: Actor) -> None:
    for one in _ahead(series).filter(state=ReservationState.CONFIRMED)[:1]:
        reschedule(reservation=one, starts_at=one.starts_at + 2 * HOUR, by=by, now=people.now)
        people.told["moved one window"] += 1


def _end(people: People, series: Series, by: Actor) -> None:
    end_series(series=series, by=by, now=people.now)


def _ahead(series: Series) -> QuerySet[Reservation]:
    waiting = (ReservationState.CONFIRMED, ReservationState.PENDING_APPROVAL)
    rows = series.occurrences.filter(state__in=waiting, is_exception=False).order_by("occurrence_at")
    return rows.select_related("project", "pool")


def _read(people: People, body: dict[str, Any]) -> SeriesWish:
    return parse_series(body, vocabulary=people.words, zone=ZONE, now=people.now)


_Act = Callable[["People", Series, Actor], None]
_ACTS: tuple[tuple[str, _Act], ...] = (
    ("change later windows", _change_later),
    ("change a series", _change_all),
    ("move one window", _move_one),
    ("end a series", _end),
)
