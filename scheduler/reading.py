"""Read untrusted values one by one and collect what is wrong with each. Pure."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduler.refusals import FieldError

ROOM_DAYS = 366 * 3  # a window is at most a year long; padding and horizon come on top
ERRORS_MAX = 50  # a hostile body is not worth more words
# Control, bidi overrides and zero-width, surrogates, private, unassigned; line and paragraph separators.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKUP = re.compile(r"<[A-Za-z/!?]")  # what HTML reads as the beginning of a tag; "a < b" is text
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)


class Reader:
    """Collects field errors; every method returns a harmless value after adding one."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def add(self, field: str, code: str, message: str) -> None:
        if self.has_room:
            self.errors.append(FieldError(field, code, message))

    @property
    def has_room(self) -> bool:
        """Whether one more error would still be kept: else words for it need not be looked for."""
        return len(self.errors) < ERRORS_MAX

    def mapping(self, value: object, field: str, known: Collection[str]) -> dict[str, Any]:
        """The object with its unknown keys refused by name."""
        if not isinstance(value, Mapping):
            self.add(field or "body", "invalid", "This must be a JSON object.")
            return {}
        for key in value:
            path = f"{field}.{key}" if field else str(key)
            if key not in known:
                self.add(path[:200], "unknown", "There is no such field.")
        return {key: value[key] for key in value if key in known}

    def items(self, value: object, field: str, longest: int) -> list[Any]:
        if not isinstance(value, list):
            self.add(field, "required" if value is None else "invalid", "This must be a list.")
        elif not value:
            self.add(field, "required", "Give at least one.")
        elif len(value) > longest:
            self.add(field, "too_long", f"At most {longest} are allowed, not {len(value)}.")
        else:
            return value
        return []

    def integer(self, value: object, field: str, least: int, most: int) -> int:
        """A JSON integer; true, 4.0, NaN and "4" are not."""
        if isinstance(value, bool) or not isinstance(value, int):
            self.add(field, "invalid" if value is not None else "required", "Give a whole number.")
        elif value < least:
            self.add(field, "too_small", f"Give at least {least}.")
        elif value > most:
            self.add(field, "too_large", f"Give at most {most}.")
        else:
            return value
        return least

    def boolean(self, value: object, field: str) -> bool:
        if not isinstance(value, bool):
            self.add(field, "invalid", "Give true or false.")
            return False
        return value

    def moment(self, value: object, field: str) -> datetime | None:
        """An RFC 3339 time with an offset; a naive one is refused, for it would name a different instant elsewhere."""
        if isinstance(value, datetime):
            read: datetime | None = value
        elif isinstance(value, str) and _RFC3339.fullmatch(value):
            read = _from_iso(value)
        else:
            read = None
        if read is None:
            self.add(field, "invalid", "Give a time such as 2030-05-17T09:00:00+02:00.")
        elif read.tzinfo is None:
            self.add(field, "naive", "Give the time with its offset from UTC, such as 2030-05-17T09:00:00+02:00 or …Z.")
        else:
            return read
        return None


def clean_text(reader: Reader, value: object, field: str, *, longest: int) -> str:
    """One line of visible text in NFC; hidden characters are refused, as they could make a name look like another."""
    if not isinstance(value, str):
        reader.add(field, "invalid", "Give text.")
        return ""
    text = unicodedata.normalize("NFC", value).strip()
    if len(text) > longest:
        reader.add(field, "too_long", f"At most {longest} characters are allowed, not {len(text)}.")
    elif any(unicodedata.category(char) in _HIDDEN for char in text):
        reader.add(field, "invalid", "Line breaks, control and invisible characters are not allowed.")
    elif _MARKUP.search(text):
        reader.add(field, "invalid", "HTML is not allowed; write it without angle brackets.")
    else:
        return text
    return ""


def _from_iso(value: str) -> datetime | None:
    """In UTC: databases know no offsets of sixteen hours and more, which RFC 3339 allows.

    None too for an instant so near the ends of the calendar that adding a window to it would overflow.
    """
    try:
        read = datetime.fromisoformat(value.upper().replace("Z", "+00:00"))
        in_utc = read.astimezone(UTC)
        in_utc + timedelta(days=ROOM_DAYS)
    except (ValueError, OverflowError, OSError):
        return None
    return read if read.tzinfo is None else in_utc
