"""Change a series from one of its occurrences on, or whole; and end it.

What has begun, is over, or was changed on its own stays as it is, and its day with it. The others are given up and
booked anew in one transaction, so that nothing is lost where the change does not fit; what would be the same is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q

from fabric.models import Pool
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation, Series
from scheduler.planning.recurrence_rule import ending_before
from scheduler.planning.recurring import Start
from scheduler.refusals import Stale, WrongState
from scheduler.requests import Actor
from scheduler.series_parsing import SeriesWish
from scheduler.series_rewriting import cut_at
from scheduler.services._commit import take_footing_under_quota
from scheduler.services._series_booking import book, look, plan_starts, require_all, starts_of
from scheduler.services._series_rows import booked_in_words, create, fields_of, note_misfits, pattern_of, record
from scheduler.services._tries import Overtaken, with_tries
from scheduler.services.cancel import withdraw
from scheduler.states import UPCOMING, ReservationState

_WAITING = (ReservationState.WAITLISTED, ReservationState.HELD)  # for its turn, or for an answer to what is offered
_REPLACED = "The series was changed."


@dataclass(frozen=True, slots=True)
class _Division:
    """What a change leaves, keeps under the new wish, gives up and books."""

    stays: Sequence[Reservation]
    kept: Sequence[Reservation]
    dropped: Sequence[Reservation]
    wanted: Sequence[Start]


def change_series(
    *,
    series: Series,
    wish: SeriesWish,
    by: Actor,
    now: datetime,
    since: datetime | None = None,
    expected_version: int | None = None,
) -> Series:
    """`since` is where the first occurrence to be changed was put: those before it stay, and those from it on become a
    series of their own, which is what is given back. Raises Invalid, Refused, Stale, WrongState.
    """
    days = look(wish=wish, now=now).bounds.horizon_days
    counted = starts_of(pattern=wish.pattern, horizon_days=days, now=now)

    def once() -> Series:
        series.refresh_from_db()
        if series.ended_at is not None:
            raise WrongState("change", "ended", "Make a new series.")
        _require_version(series, expected_version)
        parts = _divide(series, wish, counted.starts, since, now)
        seen = look(wish=wish, now=now)
        planned, unfit = plan_starts(
            wish=wish, starts=parts.wanted, seen=seen, now=now, without=[one.code for one in parts.dropped]
        )
        require_all(wish=wish, planned=planned, unfit=unfit, kept=len(parts.kept))
        with transaction.atomic():
            take_footing_under_quota(pool=series.pool, project=series.project.slug, now=now)
            held = _claim(series, wish, since, by, now)
            _give_up(series, parts.dropped, by, now)
            _take_over(series, held, wish, [*parts.kept, *(parts.stays if since else ())])
            made, late = book(series=held, wish=wish, planned=planned, seen=seen, by=by, now=now, kept=len(parts.kept))
            note_misfits(held, [*unfit, *late], now)
            words = booked_in_words(len(made), len(unfit) + len(late))
            kept = f"{len(parts.kept)} kept, " if parts.kept else ""
            record(held, JournalKind.SERIES_CHANGED, f"Changed: {kept}{words}: {held.rule}.", by, now)
            return held

    return with_tries(once)


def end_series(
    *,
    series: Series,
    by: Actor,
    now: datetime,
    since: datetime | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> Series:
    """Cancel what has not begun, but not what was changed on its own; from `since` on, where that is given. What gave
    way and waits again for an occurrence waits no more.

    Calling it again changes nothing. Raises Stale.
    """

    def once() -> Series:
        series.refresh_from_db()
        if series.ended_at is not None:
            return series
        _require_version(series, expected_version)
        with transaction.atomic():
            take_footing_under_quota(pool=series.pool, project=series.project.slug, now=now)
            rest = [*_upcoming(series, since), *_waiting_again(series, since)]
            changes: dict[str, Any] = {"ended_at": now}
            if since is not None:
                changes = {"rule": _rule_before(series, since)}
            _update(series, now, **changes)
            for one in rest:
                _cancel(one, series.pool, reason or "The series was ended.", by, now)
            message = f"Ended: {len(rest)} occurrence{'s'[: len(rest) != 1]} cancelled."
            record(series, JournalKind.SERIES_ENDED, message, by, now)
            return series

    return with_tries(once)


def _divide(
    series: Series, wish: SeriesWish, starts: Sequence[Start], since: datetime | None, now: datetime
) -> _Division:
    rows = list(series.occurrences.filter(occurrence_at__isnull=False).order_by("occurrence_at"))
    later = [one for one in rows if since is None or _at(one) >= since]
    free = [one for one in later if one.state in UPCOMING and not one.is_exception]
    stays = [one for one in later if one not in free]
    zones = {ZoneInfo(series.time_zone), wish.pattern.zone}
    taken = {_day(_at(one), zone) for one in stays for zone in zones}
    wanted = {start.at: start for start in starts if start.at > now and start.local.date() not in taken}
    is_same = _essence(wish.body, wish.minutes) == _essence(series.request, series.duration_minutes)
    kept = [one for one in free if is_same and _at(one) in wanted]
    kept_at = {_at(one) for one in kept}
    return _Division(
        stays=stays,
        kept=kept,
        dropped=[one for one in free if one not in kept],
        wanted=[start for at, start in wanted.items() if at not in kept_at],
    )


def _claim(series: Series, wish: SeriesWish, since: datetime | None, by: Actor, now: datetime) -> Series:
    """The row under which the changed ones go on: the same, or a new one where those before it stay."""
    if since is None:
        _update(series, now, **fields_of(wish))
        return series
    _update(series, now, rule=_rule_before(series, since))
    record(series, JournalKind.SERIES_CHANGED, "What comes later goes on as a series of its own.", by, now)
    return create(wish, series.project, series.pool, by, now)


def _give_up(series: Series, dropped: Sequence[Reservation], by: Actor, now: datetime) -> None:
    """They leave their places to those that are booked instead."""
    for one in dropped:
        _cancel(one, series.pool, _REPLACED, by, now)
    Reservation.objects.filter(pk__in=[one.pk for one in dropped]).update(occurrence_at=None)


def _take_over(before: Series, series: Series, wish: SeriesWish, rows: Sequence[Reservation]) -> None:
    """Raises Overtaken if one of them has left the series, or has changed, since it was divided."""
    ids = [one.pk for one in rows]
    as_seen = Q(pk__in=[])
    for one in rows:
        as_seen |= Q(pk=one.pk, version=one.version)
    if Reservation.objects.filter(as_seen, series=before).update(series=series) != len(ids):
        raise Overtaken
    Reservation.objects.filter(pk__in=ids, is_exception=False, state__in=sorted(UPCOMING)).update(
        title=wish.request.title
    )


def _cancel(reservation: Reservation, pool: Pool, reason: str, by: Actor, now: datetime) -> None:
    """Raises Overtaken if it has begun or changed meanwhile."""
    if not withdraw(reservation=reservation, pool=pool, reason=reason, by=by, now=now):
        raise Overtaken


def _upcoming(series: Series, since: datetime | None) -> Any:
    rows = series.occurrences.filter(occurrence_at__isnull=False, is_exception=False, state__in=sorted(UPCOMING))
    return (rows if since is None else rows.filter(occurrence_at__gte=since)).order_by("occurrence_at")


def _waiting_again(series: Series, since: datetime | None) -> Any:
    """What was put on the waitlist for an occurrence that gave way; people's own copies are none of the series."""
    rows = Reservation.objects.filter(copied_from__series=series, waiting__is_front=True, state__in=_WAITING)
    return (rows if since is None else rows.filter(copied_from__occurrence_at__gte=since)).order_by("id")


def _update(series: Series, now: datetime, **changes: Any) -> None:
    """Raises Overtaken if somebody changed or ended it meanwhile."""
    mine = Series.objects.filter(pk=series.pk, version=series.version, ended_at=None)
    if not mine.update(version=F("version") + 1, updated_at=now, **changes):
        raise Overtaken
    series.refresh_from_db()


def _require_version(series: Series, expected: int | None) -> None:
    if expected is not None and series.version != expected:
        raise Stale(series.version)


def _essence(body: Any, minutes: int) -> Any:
    """What devices are booked by: all but the title."""
    return {name: body[name] for name in body if name != "title"}, minutes


def _at(reservation: Reservation) -> datetime:
    assert reservation.occurrence_at is not None, "rows without a place are left out"
    return reservation.occurrence_at


def _rule_before(series: Series, since: datetime) -> str:
    """Over before that occurrence, by the rule's own wall clock: where the clocks jump, it does not begin by that."""
    return ending_before(series.rule, cut_at(pattern_of(series), since).local)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
