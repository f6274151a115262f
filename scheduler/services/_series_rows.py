"""The row of a series: what it has of a wish, its misfits, and its journal entries."""

from datetime import datetime
from zoneinfo import ZoneInfo

from fabric.models import Pool
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Project, Series
from scheduler.planning.recurrence_rule import read_rule
from scheduler.planning.recurring import InFold, InGap, Pattern
from scheduler.requests import Actor
from scheduler.series_parsing import SeriesWish, local_text
from scheduler.services._codes import new_code
from scheduler.services._series_booking import Unfit, misfits_to_wire


def note_misfits(series: Series, unfit: list[Unfit], now: datetime) -> None:
    """Those of the time before stay."""
    before = [one for one in series.misfits if datetime.fromisoformat(one["at"]) <= now]
    series.misfits = [*before, *misfits_to_wire(unfit)]
    Series.objects.filter(pk=series.pk).update(misfits=series.misfits)


def record(series: Series, kind: JournalKind, message: str, by: Actor, now: datetime) -> None:
    journal.record(
        kind=kind,
        message=message,
        by=by,
        now=now,
        project=series.project,
        pool=series.pool,
        reference=series.code,
        facts={"series": series.code, "rule": series.rule, "time_zone": series.time_zone},
    )


def booked_in_words(booked: int, misfits: int) -> str:
    more = f", {misfits} did not fit" if misfits else ""
    return f"{booked} occurrence{'s'[: booked != 1]} booked{more}"


def fields_of(wish: SeriesWish) -> dict[str, object]:
    """What a row has of a wish."""
    pattern = wish.pattern
    return {
        "title": wish.request.title,
        "rule": wish.rule,
        "time_zone": pattern.zone.key,
        "starts_local": local_text(pattern.first),
        "duration_minutes": wish.minutes,
        "request": dict(wish.body),
        "on_misfit": wish.on_misfit,
        "in_gap": pattern.in_gap or "",
        "in_fold": pattern.in_fold or "",
        "excluded": sorted(local_text(wall) for wall in pattern.excluded),
    }


def pattern_of(series: Series) -> Pattern:
    """When it comes again, as its row says."""
    return Pattern(
        rule=read_rule(series.rule),
        zone=ZoneInfo(series.time_zone),
        first=datetime.fromisoformat(series.starts_local),
        in_gap=InGap(series.in_gap) if series.in_gap else None,
        in_fold=InFold(series.in_fold) if series.in_fold else None,
        excluded=frozenset(datetime.fromisoformat(wall) for wall in series.excluded),
    )


def create(wish: SeriesWish, project: Project, pool: Pool, by: Actor, now: datetime) -> Series:
    return Series.objects.create(
        code=new_code("s"),
        project=project,
        pool=pool,
        created_by_id=by.user_id,
        created_at=now,
        updated_at=now,
        **fields_of(wish),
    )
