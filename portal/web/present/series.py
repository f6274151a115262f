"""A series, its occurrences and what did not fit, in words; and the form of one. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.web.forms.repeat import OWN_RULE, TypedRepeat, with_rule
from portal.web.present.states import Pill, reservation_pill
from scheduler.planning.recurring import InFold, InGap
from scheduler.queries.series import OccurrenceRow, SeriesRow
from scheduler.refusals import FieldError

ENDED, OVER, GOING = Pill("Ended", "quiet"), Pill("Over", "quiet"), Pill("Going on", "ok")
EVERY = {
    "daily": "Every day",
    "weekdays": "Every weekday, Monday to Friday",
    "weekly": "Every week",
    "fortnightly": "Every two weeks",
    "monthly": "Every month, on that day",
    OWN_RULE: "By a rule of your own",
}
_GAP = {"": "Ask me", InGap.LATER: "Begin later, as far as the clocks jump", InGap.SKIP: "Leave that day out"}
_FOLD = {"": "Ask me", InFold.FIRST: "The first of the two", InFold.SECOND: "The second of the two"}
_PLACES = {"duration_minutes": "minutes", "time_zone": "zone", "rule": "every"}
_LEFT_OUT = {
    "preempt": "low priority giving way to it",
    "elastic": "nodes between a floor and a ceiling",
    "auto_extend_until": "extending itself",
    "hold_minutes": "holding it first",
}
_MINUTES_OF_HOUR = 60


@dataclass(frozen=True, slots=True)
class SeriesView:
    code: str
    title: str
    project: str
    pool: str
    rhythm: str
    zone: str
    length: str
    ahead: int
    next_at: datetime | None
    pill: Pill
    by: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class OccurrenceView:
    code: str
    at: datetime  # where the series put it
    value: str
    starts_at: datetime
    ends_at: datetime
    pill: Pill
    is_exception: bool


@dataclass(frozen=True, slots=True)
class MisfitView:
    local: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    value: str
    error: str = ""
    options: tuple[Option, ...] = ()


def series_view(row: SeriesRow) -> SeriesView:
    return SeriesView(
        code=row.code,
        title=row.title or row.code,
        project=row.project,
        pool=row.pool,
        rhythm=f"{rhythm_words(row.rule)}, at {row.starts_local[11:]}",
        zone=row.time_zone,
        length=length_words(row.duration_minutes),
        ahead=row.ahead,
        next_at=row.next_at,
        pill=ENDED if row.ended_at else (GOING if row.ahead else OVER),
        by=row.created_by,
        is_open=row.ended_at is None,
    )


def occurrence_views(rows: Iterable[OccurrenceRow]) -> tuple[OccurrenceView, ...]:
    return tuple(
        OccurrenceView(
            code=row.code,
            at=row.occurrence_at,
            value=row.occurrence_at.isoformat(),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            pill=reservation_pill(row.state),
            is_exception=row.is_exception,
        )
        for row in rows
    )


def misfit_views(misfits: Iterable[Mapping[str, Any]]) -> tuple[MisfitView, ...]:
    return tuple(
        MisfitView(one["local"].replace("T", " "), tuple(refusal["message"] for refusal in one["refusals"]))
        for one in misfits
    )


def rhythm_words(rule: str) -> str:
    typed = with_rule(TypedRepeat(), rule)
    if typed.every == OWN_RULE:
        return rule
    end = f", {typed.count} times" if typed.count else (f", until {typed.until}" if typed.until else "")
    return f"{EVERY[typed.every]}{end}"


def length_words(minutes: int) -> str:
    hours, rest = divmod(minutes, _MINUTES_OF_HOUR)
    told = [f"{hours} h"] if hours else []
    return " ".join([*told, *([f"{rest} min"] if rest else [])])


def mix_words(wish: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What is booked each time, group by group."""
    told = []
    for group in wish.get("mix") or ():
        lines = [line for line in group.get("lines") or () if isinstance(line, Mapping)]
        parts = [f"{line.get('count', 1)} × {_named(line, names)}" for line in lines]
        nodes = group.get("nodes", 1)
        told.append(f"{nodes} node{'' if nodes == 1 else 's'}: {', '.join(parts) or 'no devices'}")
    return "; ".join(told)


def left_out_words(typed: TypedRepeat) -> str:
    """What was said of the one that is repeated, and is not said of the others."""
    return ", ".join(_LEFT_OUT[name] for name in typed.left_out.split() if name in _LEFT_OUT)


def form_fields(typed: TypedRepeat, *, zones: Collection[str], errors: Iterable[FieldError]) -> dict[str, Field]:
    told = {_PLACES.get(one.field, one.field): one.message for one in errors}
    choices: dict[str, Mapping[str, str]] = {
        "every": EVERY,
        "zone": {name: name for name in zones},
        "in_gap": _GAP,
        "in_fold": _FOLD,
    }
    return {
        name: Field(
            name=name,
            value=(value := getattr(typed, name)),
            error=told.get(name, ""),
            options=tuple(Option(str(key), label, key == value) for key, label in choices.get(name, {}).items()),
        )
        for name in ("zone", "starts_local", "minutes", "every", "count", "until", "rule", "skips", "in_gap", "in_fold")
    }


def stray(errors: Iterable[FieldError]) -> tuple[FieldError, ...]:
    """What the form has no field for."""
    shown = {"minutes", "zone", "every", "starts_local", "in_gap", "in_fold"}
    return tuple(one for one in errors if _PLACES.get(one.field, one.field) not in shown)


def _named(line: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if line.get("first_of"):
        return "the first that fits of several"
    code = line.get("device_class")
    return names.get(code, code) if isinstance(code, str) and code else f"what matches {line.get('selector', '')}"
