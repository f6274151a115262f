"""What the hub read at once, shared by all its sockets: one text for everybody who may see the same."""

from collections.abc import Sequence

from portal.live.frames import frames_of
from portal.standing import Viewer
from scheduler.queries.journal import EntryRow, JournalCursor


class Reading:
    """Entries that follow `after`; at least one."""

    def __init__(self, *, after: JournalCursor, entries: Sequence[EntryRow]) -> None:
        self.size = len(entries)
        self._after = after
        self._entries = entries
        self._end = entries[-1].cursor
        self._texts: dict[tuple[bool, frozenset[int]], list[str]] = {}

    def told(self, viewer: Viewer, *, position: JournalCursor) -> tuple[list[str], JournalCursor]:
        """What a viewer is sent who has heard everything up to `position`, and the position after that.

        A socket that heard the reading before this one stands at the very value that this one began with: no places
        need to be compared for it.
        """
        if position is not self._after and position >= self._entries[0].cursor:
            fresh = [entry for entry in self._entries if entry.cursor > position]
            return frames_of(entries=fresh, viewer=viewer, after_id=position.id), max(position, self._end)
        sight = (viewer.sees_all, viewer.project_ids)
        if sight not in self._texts:
            self._texts[sight] = frames_of(entries=self._entries, viewer=viewer, after_id=self._after.id)
        return self._texts[sight], self._end
