"""Journal entries → the texts one viewer gets. Pure.

Everybody learns that something changed in a pool, as one frame `pool.changed` before the entries of a reading: the
states of its blocks are no secret, whose doing it was is. It carries the id reached before them, so that a browser that
resumes from it misses nothing.
"""

import json
from collections.abc import Sequence
from functools import lru_cache

from portal.live.viewers import Viewer
from scheduler.queries.journal import EntryRow

POOL_CHANGED = "pool.changed"
RESYNC = "resync"
_REMEMBERED = 1024  # one text serves every socket it goes to


@lru_cache(maxsize=_REMEMBERED)
def frame(*, entry_id: int, kind: str, reference: str) -> str:
    return json.dumps({"id": entry_id, "kind": kind, "reference": reference})


def resync(*, entry_id: int) -> str:
    """Too much was missed, or nobody knows how much: read the page again, and go on from this id."""
    return frame(entry_id=entry_id, kind=RESYNC, reference="")


def frames_of(*, entries: Sequence[EntryRow], viewer: Viewer, after_id: int) -> list[str]:
    """What the viewer is sent for entries that follow `after_id`, in their order."""
    pools = dict.fromkeys(entry.pool for entry in entries if entry.pool is not None)
    changed = [frame(entry_id=after_id, kind=POOL_CHANGED, reference=pool) for pool in pools]
    seen = [entry for entry in entries if viewer.may_see(entry)]
    return changed + [frame(entry_id=entry.id, kind=entry.kind, reference=entry.reference) for entry in seen]
