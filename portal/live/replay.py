"""What a socket missed before it was opened."""

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.queries.journal import EntryRow, JournalCursor, cursor_of, entries_after, latest_cursor

ENTRIES_MISSED_MAX = 200
ENTRY_ID_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Replay:
    """Entries after `start`; None instead of entries: too many, or nobody knows since when, so read the page again."""

    start: JournalCursor
    entries: Sequence[EntryRow] | None

    @property
    def end(self) -> JournalCursor:
        return self.entries[-1].cursor if self.entries else self.start


def replay(*, after: str) -> Replay:
    """`after` is as the browser sent it: the last id it knows, or anything else."""
    start = _place(after)
    if start is None:
        return Replay(latest_cursor(), None)
    entries = entries_after(cursor=start, limit=ENTRIES_MISSED_MAX + 1, sees_all=True)
    return Replay(start, entries) if len(entries) <= ENTRIES_MISSED_MAX else Replay(latest_cursor(), None)


def _place(after: str) -> JournalCursor | None:
    if not (after.isascii() and after.isdigit()) or len(after) > len(str(ENTRY_ID_MAX)) or int(after) > ENTRY_ID_MAX:
        return None
    return cursor_of(entry_id=int(after))
