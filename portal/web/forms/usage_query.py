"""What usage is asked for on its page: whole days of the reader's zone, the present month by default. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler import limits
from scheduler.queries.usage_report import Cut

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_YEARS = range(1000, 9000)  # outside these the arithmetic of zones overflows


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """`first` and `last` are days, both of them meant; errors by field. A period with an error is the present month."""

    project: str
    pool: str
    cut: Cut
    first: str
    last: str
    begins_at: datetime
    ends_at: datetime
    errors: Mapping[str, str]


def read_usage_query(typed: Mapping[str, str], *, zone: ZoneInfo, now: datetime) -> UsageQuery:
    today = now.astimezone(zone).date()
    given = {name: typed.get(name, "").strip() for name in ("first", "last")}
    days = {name: _day(text) for name, text in given.items()}
    errors = {name: "Give a day such as 2030-05-17." for name, text in given.items() if text and days[name] is None}
    first = days["first"] or (days["last"] or today).replace(day=1)
    last = days["last"] or max(_last_of_month(first), first)
    if not errors and last < first:
        errors["last"] = "The last day comes before the first."
    if not errors and (last - first).days >= limits.USAGE_DAYS_MAX:
        errors["last"] = f"At most {limits.USAGE_DAYS_MAX} days are shown at once."
    shown = (first, last) if not errors else (today.replace(day=1), _last_of_month(today))
    cut = typed.get("by", "")
    return UsageQuery(
        project=typed.get("project", ""),
        pool=typed.get("pool", ""),
        cut=Cut(cut) if cut in set(Cut) else Cut.CLASS,
        first=given["first"] or first.isoformat(),
        last=given["last"] or last.isoformat(),
        begins_at=_midnight(shown[0], zone),
        ends_at=_midnight(shown[1] + timedelta(days=1), zone),
        errors=errors,
    )


def _day(text: str) -> date | None:
    try:
        read = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
    return read if read is not None and read.year in _YEARS else None


def _last_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
