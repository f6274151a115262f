"""Times of the week in words: `Mon–Fri 08:00–18:00`, also as another zone's clocks say them. Pure."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from itertools import groupby

from scheduler.planning.rates import DAY_MINUTES, EVERY_DAY, Band

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_RUN_FROM = 3  # days in a row that are told by their first and last
_WEEK_MINUTES = len(_DAYS) * DAY_MINUTES

Span = tuple[int, int]


def times_in_words(bands: Iterable[Band]) -> str:
    """Of bands at one rate: `every day 22:00–06:00`, `Mon–Fri 08:00–18:00; Sat, Sun all day`."""
    by_days: dict[str, list[Span]] = {}
    for band in bands:
        by_days.setdefault(band.weekdays, []).append((band.from_minute, band.until_minute))
    return "; ".join(f"{_days(days)} {_spans(days, sorted(spans))}" for days, spans in sorted(by_days.items()))


def minutes_between(zone: tzinfo, other: tzinfo, *, at: datetime) -> int:
    """How far the other zone's clocks are ahead at that moment."""
    here, there = (at.astimezone(one).replace(tzinfo=None) for one in (zone, other))
    return round((there - here).total_seconds()) // 60


def shifted(bands: Iterable[Band], *, minutes: int) -> tuple[Band, ...]:
    """The same times on clocks that are so far ahead, cut at their midnights."""
    whole = sorted(span for band in bands for span in _of_week(band, minutes))
    days: dict[Span, str] = {}
    for begin, end in _joined(whole):
        for nth in range(begin // DAY_MINUTES, (end - 1) // DAY_MINUTES + 1):
            start = nth * DAY_MINUTES
            span = (max(begin - start, 0), min(end - start, DAY_MINUTES))
            days[span] = days.get(span, "") + EVERY_DAY[nth]
    return tuple(Band(weekdays, *span, None) for span, weekdays in sorted(days.items()))


def _of_week(band: Band, minutes: int) -> Iterable[Span]:
    """In minutes since Monday; what goes over the end of the week begins it."""
    for weekday in band.weekdays:
        begin = (EVERY_DAY.index(weekday) * DAY_MINUTES + band.from_minute + minutes) % _WEEK_MINUTES
        end = begin + band.until_minute - band.from_minute
        yield begin, min(end, _WEEK_MINUTES)
        if end > _WEEK_MINUTES:
            yield 0, end - _WEEK_MINUTES


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Ordered ones, those that meet as one."""
    found: list[Span] = []
    for begin, end in spans:
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


def _days(weekdays: str) -> str:
    if weekdays == EVERY_DAY:
        return "every day"
    numbers = [EVERY_DAY.index(one) for one in weekdays]
    runs = [[day for _, day in run] for _, run in groupby(enumerate(numbers), key=lambda one: one[1] - one[0])]
    return ", ".join(words for run in runs for words in _run(run))


def _run(days: list[int]) -> list[str]:
    return [f"{_DAYS[days[0]]}–{_DAYS[days[-1]]}"] if len(days) >= _RUN_FROM else [_DAYS[day] for day in days]


def _spans(weekdays: str, spans: list[Span]) -> str:
    """A night that goes on in the morning of the next day is one, where every day has it."""
    if spans == [(0, DAY_MINUTES)]:
        return "all day"
    if weekdays == EVERY_DAY and len(spans) > 1 and spans[0][0] == 0 and spans[-1][1] == DAY_MINUTES:
        spans = [*spans[1:-1], (spans[-1][0], spans[0][1])]
    return ", ".join(f"{_clock(begin)}–{_clock(end)}" for begin, end in spans)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
