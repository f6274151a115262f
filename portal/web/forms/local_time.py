"""Which instant a wall clock in a zone means: none in an hour that is skipped, two in one that comes twice. Pure."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.web.forms.typed import FIRST, SECOND
from scheduler.planning.wall_clock import read_wall
from scheduler.refusals import FieldError

_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", re.ASCII)
_YEARS = range(1000, 9000)  # outside these the arithmetic of zones overflows


def read_local(text: str, *, zone: ZoneInfo, fold: str, field: str) -> datetime | FieldError:
    """The instant, with its offset; or why it cannot be told. A time that comes twice is asked about, never guessed."""
    if not text:
        return FieldError(field, "required", "Give a day and a time.")
    wall = _parse(text)
    if wall is None:
        return FieldError(field, "invalid", "Give a day and a time such as 2030-05-17T09:00.")
    reading = read_wall(wall, zone)
    if reading.is_gap:
        shifted = (wall + reading.jump).strftime("%H:%M")
        return FieldError(
            field, "gap", f"The clocks in {zone.key} skip this time that night; {shifted} would be that moment."
        )
    if not reading.is_fold:
        return reading.first
    if fold in (FIRST, SECOND):
        return reading.first if fold == FIRST else reading.second
    return FieldError(field, "fold", f"The clocks in {zone.key} show this time twice that night. Say which you mean.")


def _parse(text: str) -> datetime | None:
    if not _LOCAL.fullmatch(text):
        return None
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        return None
    return wall if wall.year in _YEARS else None
