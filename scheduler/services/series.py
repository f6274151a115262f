"""Book windows that come again: every occurrence a reservation of its own, all in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from fabric.models import Pool
from scheduler import limits
from scheduler.journal_kinds import JournalKind
from scheduler.marking import mark_committed
from scheduler.models import Project, Series
from scheduler.planning.recurring import Start
from scheduler.planning.snapshot import Snapshot
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor
from scheduler.series_parsing import SeriesWish
from scheduler.services._series_booking import book, look, misfits_to_wire, plan_starts, require_all, starts_of
from scheduler.services._series_rows import booked_in_words, create, note_misfits, record
from scheduler.services._tries import with_tries
from scheduler.states import UPCOMING


def preview_series(*, wish: SeriesWish, now: datetime) -> tuple[int, list[dict[str, object]]]:
    """How many would be booked, and those that do not fit, with reasons. Nothing is stored. Raises as making it does,
    but for what does not fit.
    """
    seen = look(wish=wish, now=now)
    starts = _starts(wish, seen)
    planned, unfit = plan_starts(wish=wish, starts=starts, seen=seen, now=now)
    return len(planned), misfits_to_wire(unfit)


def make_series(*, wish: SeriesWish, by: Actor, now: datetime) -> Series:
    """All or nothing, or what fits, as the wish says. Raises Invalid, Refused."""
    starts = _starts(wish, look(wish=wish, now=now))
    pool = Pool.objects.get(code=wish.request.pool)
    project = Project.objects.get(slug=wish.request.project)
    going = Series.objects.filter(project=project, occurrences__state__in=sorted(UPCOMING)).distinct()
    if going.count() >= limits.SERIES_PER_PROJECT_MAX:
        most = limits.SERIES_PER_PROJECT_MAX
        raise Invalid([FieldError("project", "too_large", f"A project has at most {most} series. End one first.")])

    def once() -> Series:
        seen = look(wish=wish, now=now)
        planned, unfit = plan_starts(wish=wish, starts=starts, seen=seen, now=now)
        require_all(wish=wish, planned=planned, unfit=unfit)
        with transaction.atomic():
            made = create(wish, project, pool, by, now)
            mark_committed(by=by, reference=made.code)
            booked, late = book(series=made, wish=wish, planned=planned, seen=seen, by=by, now=now)
            note_misfits(made, [*unfit, *late], now)
            message = f"{booked_in_words(len(booked), len(unfit) + len(late))}: {made.rule}."
            record(made, JournalKind.SERIES_MADE, message, by, now)
            return made

    return with_tries(once)


def _starts(wish: SeriesWish, seen: Snapshot) -> Sequence[Start]:
    starts = starts_of(pattern=wish.pattern, horizon_days=seen.bounds.horizon_days, now=seen.now).starts
    if starts[0].at < seen.now:
        raise Invalid([FieldError("starts_local", "past", "The first start is in the past.")])
    return starts
