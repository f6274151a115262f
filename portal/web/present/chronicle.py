"""The journal of one reservation: what happened, who did it and through which door, newest first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from scheduler.journal_kinds import JournalKind
from scheduler.queries.reservation_detail import TimelineEntry

SHOWN_MAX = 10  # the others are folded
_STEP = f"{JournalKind.STEP_DONE.partition('.')[0]}."
DOORS: Mapping[str, str] = {
    "web": "on a page",
    "api": "by a program",
    "admin": "in the console",
    "command": "by a command",
    "system": "by itself",
}


@dataclass(frozen=True, slots=True)
class EntryView:
    at: datetime
    message: str
    who: str
    door: str


@dataclass(frozen=True, slots=True)
class Chronicle:
    recent: tuple[EntryView, ...]
    earlier: tuple[EntryView, ...]


def chronicle(timeline: Iterable[TimelineEntry]) -> Chronicle:
    """Without what the steps show already."""
    told = [entry for entry in timeline if not entry.kind.startswith(_STEP)]
    entries = tuple(
        EntryView(at=entry.at, message=entry.message, who=entry.actor, door=door_words(entry.door))
        for entry in reversed(told)
    )
    return Chronicle(recent=entries[:SHOWN_MAX], earlier=entries[SHOWN_MAX:])


def door_words(door: str) -> str:
    return DOORS.get(door, door)
