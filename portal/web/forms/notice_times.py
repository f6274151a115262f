"""When mail may come, as it is typed: wall clock, `HH:MM`."""

from collections.abc import Mapping
from datetime import time

from scheduler.post.times import PostTimes
from scheduler.refusals import FieldError

FIELDS = ("quiet_from", "quiet_until", "digest_at")
_CHARS_MAX = 8  # some browsers add seconds


def typed_times(typed: Mapping[str, str]) -> dict[str, str]:
    return {name: typed.get(name, "").strip()[:_CHARS_MAX] for name in FIELDS}


def read_times(typed: Mapping[str, str]) -> PostTimes | tuple[FieldError, ...]:
    """Empty is none. Quiet hours have both ends, and these differ."""
    given = typed_times(typed)
    read = {name: _read(text) for name, text in given.items()}
    wrong = tuple(
        FieldError(name, "unreadable", "Give a time of day, such as 22:00, or leave it empty.")
        for name in FIELDS
        if given[name] and read[name] is None
    )
    quiet_from, quiet_until = read["quiet_from"], read["quiet_until"]
    if wrong:
        return wrong
    if (quiet_from is None) != (quiet_until is None):
        missing = "quiet_from" if quiet_from is None else "quiet_until"
        return (FieldError(missing, "required", "Quiet hours need both ends; leave both empty for none."),)
    if quiet_from is not None and quiet_from == quiet_until:
        return (FieldError("quiet_until", "inverted", "They would end as they begin; give another time."),)
    return PostTimes(quiet_from=quiet_from, quiet_until=quiet_until, digest_at=read["digest_at"])


def _read(text: str) -> time | None:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        return None
