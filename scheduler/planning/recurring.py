"""Windows that come again, counted out on the wall clock of a zone. Pure.

A start that its clocks leave out, or show twice, is asked about and never guessed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from scheduler import limits
from scheduler.planning.recurrence_rule import Rule
from scheduler.planning.wall_clock import Reading, read_wall
from scheduler.refusals import Refusal, RefusalCode, Suggestion

_DATES_NAMED_MAX = 5


class InGap(StrEnum):
    """What becomes of a start that the clocks leave out."""

    LATER = "later"  # as much later as the clocks jump
    SKIP = "skip"


class InFold(StrEnum):
    """Which one is meant of a start that the clocks show twice."""

    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    rule: Rule
    zone: ZoneInfo
    first: datetime  # naive: a wall clock in the zone
    in_gap: InGap | None = None
    in_fold: InFold | None = None
    excluded: frozenset[datetime] = frozenset()  # wall clocks


@dataclass(frozen=True, slots=True)
class Start:
    local: datetime  # as the rule says, naive
    at: datetime  # in UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """In order of time. `left_out` and `twice` are the wall clocks that need a choice and have none."""

    starts: tuple[Start, ...] = ()
    left_out: tuple[datetime, ...] = ()
    twice: tuple[datetime, ...] = ()
    is_cut: bool = False  # it goes on beyond `latest`
    is_too_many: bool = False


def count_out(pattern: Pattern, *, latest: datetime) -> Counted:
    """Every start up to `latest`, an instant; two that fall together, since a whole day is left out, are one."""
    starts: dict[datetime, Start] = {}
    left_out: list[datetime] = []
    twice: list[datetime] = []
    is_cut = is_too_many = False
    for nth, wall in enumerate(_walls(pattern)):
        reading = read_wall(wall, pattern.zone)
        if reading.first.astimezone(UTC) > latest:
            is_cut = True
            break
        if nth == limits.OCCURRENCES_MAX:
            is_too_many = True
            break
        if wall in pattern.excluded:
            continue
        if reading.is_gap and pattern.in_gap is None:
            left_out.append(wall)
        elif reading.is_fold and pattern.in_fold is None:
            twice.append(wall)
        elif (at := _instant(reading, pattern)) is not None:
            starts.setdefault(at, Start(wall, at))
    return Counted(
        starts=tuple(starts[at] for at in sorted(starts)),
        left_out=tuple(left_out),
        twice=tuple(twice),
        is_cut=is_cut,
        is_too_many=is_too_many,
    )


def questions(counted: Counted, *, zone: ZoneInfo) -> tuple[Refusal, ...]:
    """What has to be said first, with the dates it is about; empty if nothing."""
    return tuple(_questions(counted, zone))


def _walls(pattern: Pattern) -> Iterator[datetime]:
    return pattern.rule.starts(pattern.first, pattern.zone)


def _instant(reading: Reading, pattern: Pattern) -> datetime | None:
    """None where it is skipped."""
    if reading.is_gap:
        return None if pattern.in_gap == InGap.SKIP else reading.after_gap
    is_second = reading.is_fold and pattern.in_fold == InFold.SECOND
    return (reading.second if is_second else reading.first).astimezone(UTC)


def _questions(counted: Counted, zone: ZoneInfo) -> Iterator[Refusal]:
    if counted.left_out:
        jump = read_wall(counted.left_out[0], zone).jump
        yield _question(
            counted.left_out,
            "in_gap",
            f"The clocks in {zone.key} leave out",
            {
                InGap.LATER: f"Begin {_length(jump)} later on those days",
                InGap.SKIP: "Leave those days out",
            },
        )
    if counted.twice:
        yield _question(
            counted.twice,
            "in_fold",
            f"The clocks in {zone.key} show twice",
            {InFold.FIRST: "Begin when it is shown first", InFold.SECOND: "Begin when it is shown again"},
        )


def _question(dates: Sequence[datetime], field: str, what: str, choices: dict[InGap | InFold, str]) -> Refusal:
    named = ", ".join(f"{date:%Y-%m-%d %H:%M}" for date in dates[:_DATES_NAMED_MAX])
    more = len(dates) - _DATES_NAMED_MAX
    return Refusal(
        code=RefusalCode.NEEDS_CHOICE,
        field=field,
        message=f"{what} {named}{f' and {more} more' if more > 0 else ''}. Say in {field} what you mean: "
        + " or ".join(choices)
        + ".",
        suggestions=tuple(
            Suggestion(kind=field, message=f"{words}.", value=str(key)) for key, words in choices.items()
        ),
    )


def _length(jump: timedelta) -> str:
    minutes = int(jump.total_seconds() // 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
