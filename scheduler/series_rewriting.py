"""A change of a series → the whole body it then has. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scheduler.planning.recurrence_rule import counting_down
from scheduler.planning.recurring import Pattern, count_out
from scheduler.series_parsing import local_text

_BEYOND = timedelta(days=2)  # more than any jump of the clocks


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the later part of a series begins: on its wall clock, and after how many of its starts."""

    local: datetime
    done: int


def cut_at(pattern: Pattern, at: datetime) -> Cut:
    """`at` is where the series put one of its occurrences."""
    starts = count_out(pattern, latest=at + _BEYOND).starts
    local = next((one.local for one in starts if one.at == at), at.astimezone(pattern.zone).replace(tzinfo=None))
    walls = pattern.rule.starts(pattern.first, pattern.zone)
    done = 0
    for wall in walls:
        if wall >= local:
            break
        done += 1
    return Cut(local, done)


def changed_body(before: Mapping[str, Any], patch: Mapping[str, Any], cut: Cut | None) -> dict[str, Any]:
    """`cut` None changes all of it. What is left out of the patch stays; a later part goes on as long as it would."""
    body = {**before, **patch}
    if cut is not None:
        if "starts_local" not in patch:
            body["starts_local"] = local_text(cut.local)
        if "rule" not in patch:
            body["rule"] = counting_down(before["rule"], cut.done)
    return body
