"""A recurrence rule (RFC 5545) as it is written: which of its parts we count out, and their bounds. Pure.

What is not counted out is refused by name, never left out of account.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from scheduler import limits

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_KNOWN = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST")
_DAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
_FORMS = {
    "INTERVAL": re.compile(r"[1-9]\d{0,2}", re.ASCII),
    "COUNT": re.compile(r"[1-9]\d{0,5}", re.ASCII),
    "UNTIL": re.compile(r"\d{8}(T\d{6}Z?)?", re.ASCII),
    "BYDAY": re.compile(rf"([+-]?[1-5])?{_DAY}(,([+-]?[1-5])?{_DAY})*", re.ASCII),
    "BYMONTHDAY": re.compile(r"[+-]?\d{1,2}(,[+-]?\d{1,2})*", re.ASCII),
    "BYMONTH": re.compile(r"\d{1,2}(,\d{1,2})*", re.ASCII),
    "BYSETPOS": re.compile(r"[+-]?\d{1,3}(,[+-]?\d{1,3})*", re.ASCII),
    "WKST": re.compile(_DAY, re.ASCII),
}
_MOST = {"BYMONTHDAY": 31, "BYMONTH": 12, "BYSETPOS": 366}
_WITH_ORDINALS = ("MONTHLY", "YEARLY")  # the second Monday: of a month, or of a year
_CYCLE_YEARS = 400  # after which the calendar is the same again, to the day of the week
_LAST_YEAR = 9999
_ANY_DAY = datetime.fromisoformat("2000-01-01")  # to see whether a rule can be read


class BadRule(ValueError):
    """Cannot be read, or asks for what is not counted out. `code` is that of a field error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Rule:
    """`text` is in capitals, without UNTIL, which is kept beside it: as a wall clock or as an instant."""

    text: str
    count: int | None = None
    until: datetime | None = None

    @property
    def is_endless(self) -> bool:
        return self.count is None and self.until is None

    def starts(self, first: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Wall clocks in order, the first not before `first`; without end if the rule has none.

        The clock part is that of `first`. Counted at the end of the years that there are: a rule whose day never comes
        (30 February) then ends soon, where it would else be looked for through eight thousand years.
        """
        shift = (_LAST_YEAR - first.year) // _CYCLE_YEARS * _CYCLE_YEARS
        last = None if self.until is None else _on_the_wall(self.until, zone)
        for start in rrulestr(self.text, dtstart=first.replace(year=first.year + shift)):
            wall = start.replace(year=start.year - shift)
            if last is not None and wall > last:
                return
            yield wall


def read_rule(text: str) -> Rule:
    """Raises BadRule."""
    parts = _parts(text)
    frequency = parts.get("FREQ", "")
    if frequency not in FREQUENCIES:
        raise BadRule("invalid", f"Begin the rule with FREQ= and one of {', '.join(FREQUENCIES)}.")
    for name, value in parts.items():
        _check(name, value, frequency)
    if "COUNT" in parts and "UNTIL" in parts:
        raise BadRule("invalid", "Give COUNT or UNTIL, not both.")
    count = int(parts["COUNT"]) if "COUNT" in parts else None
    if count is not None and count > limits.OCCURRENCES_MAX:
        raise BadRule("too_large", f"A series has at most {limits.OCCURRENCES_MAX} occurrences.")
    until = _until(parts.pop("UNTIL")) if "UNTIL" in parts else None
    rule = Rule(";".join(f"{name}={value}" for name, value in parts.items()), count, until)
    try:
        rrulestr(rule.text, dtstart=_ANY_DAY)
    except ValueError:
        raise BadRule("invalid", "This is no recurrence rule such as FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10.") from None
    return rule


def ending_before(text: str, wall: datetime) -> str:
    """The same rule, over before that wall clock."""
    last = (wall - timedelta(seconds=1)).strftime("%Y%m%dT%H%M%S")
    return ";".join([*_endless(text), f"UNTIL={last}"])


def counting_down(text: str, done: int) -> str:
    """The same rule for who begins after `done` of its starts; at least one is left."""
    count = read_rule(text).count
    return text if count is None else ";".join([*_endless(text), f"COUNT={max(1, count - done)}"])


def _endless(text: str) -> list[str]:
    return [f"{name}={value}" for name, value in _parts(text).items() if name not in ("COUNT", "UNTIL")]


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, _, value = part.partition("=")
        if name not in _KNOWN:
            raise BadRule("unsupported", f"“{name[:20]}” is not counted out; give {', '.join(_KNOWN)}.")
        if name in parts:
            raise BadRule("invalid", f"{name} is given twice.")
        parts[name] = value
    return parts


def _check(name: str, value: str, frequency: str) -> None:
    form = _FORMS.get(name)
    is_formed = form is None or bool(form.fullmatch(value))
    if is_formed and name in _MOST:
        numbers = [abs(int(one)) for one in value.split(",")]
        is_formed = all(1 <= one <= _MOST[name] for one in numbers)
    if not is_formed:
        raise BadRule("invalid", f"{name}={value[:20]} cannot be read.")
    if name == "BYDAY" and frequency not in _WITH_ORDINALS and re.search(r"\d", value):
        raise BadRule("invalid", f"Which one of its kind a day is ({value[:20]}) is said of months and years only.")


def _until(text: str) -> datetime:
    """A day alone is meant whole."""
    try:
        if "T" not in text:
            return datetime.combine(datetime.strptime(text, "%Y%m%d").date(), time(23, 59, 59))  # noqa: DTZ007
        read = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    except ValueError:
        raise BadRule("invalid", f"UNTIL={text} is no time.") from None
    return read.replace(tzinfo=UTC) if text.endswith("Z") else read


def _on_the_wall(until: datetime, zone: ZoneInfo) -> datetime:
    return until if until.tzinfo is None else until.astimezone(zone).replace(tzinfo=None)
