"""Until when, as a choice's instant or as typed on a wall clock."""

from collections.abc import Mapping
from datetime import datetime

from portal.web.forms.local_time import read_local
from portal.web.zones import known_zone
from scheduler.reading import Reader
from scheduler.refusals import FieldError

FIELD = "ends_at"
TEXT_CHARS_MAX = 40


def read_end(typed: Mapping[str, str]) -> datetime | FieldError:
    """An instant with its offset, or why there is none; the words for an instant are those of the API."""
    if FIELD in typed:
        reader = Reader()
        at = reader.moment(typed[FIELD], FIELD)
        return at if at is not None else reader.errors[0]
    zone = known_zone(typed.get("zone", ""))
    return read_local(typed.get("until", "")[:TEXT_CHARS_MAX], zone=zone, fold=typed.get("until_fold", ""), field=FIELD)
