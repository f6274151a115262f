"""Journal entries → the texts one viewer gets. Pure.

An entry of a pool names it, so that whoever shows the pool hears of it, too. Everybody else learns only that something
changed there, as one frame `pool.changed` before the entries of a reading: the states of its blocks are no secret, but
whose doing it was is one. It carries the id reached before them, so that a browser that resumes from it misses nothing.
"""

import json
from collections.abc import Sequence
from functools import lru_cache

from portal.standing import Viewer
from scheduler.queries.journal import EntryRow

POOL_CHANGED = "pool.changed"
RESYNC = "resync"
_REMEMBERED = 1024  # one text serves every socket it goes to


@lru_cache(maxsize=_REMEMBERED)
def frame(*, entry_id: int, kind: str, reference: str, pool: str | None = None) -> str:
    text = {"id": entry_id, "kind": kind, "reference": reference}
    return json.dumps(text if pool is None else {**text, "pool": pool})


def resync(*, entry_id: int) -> str:
    """Too much was missed, or nobody knows how much: read the page again, and go on from this id."""
    return frame(entry_id=entry_id, kind=RESYNC, reference="")


def frames_of(*, entries: Sequence[EntryRow], viewer: Viewer, after_id: int) -> list[str]:
    """What the viewer is sent for entries that follow `after_id`, in their order."""
    seen = [entry for entry in entries if viewer.may_see(entry)]
    named = {entry.pool for entry in seen}
    pools = dict.fromkeys(entry.pool for entry in entries if entry.pool is not None and entry.pool not in named)
    changed = [frame(entry_id=after_id, kind=POOL_CHANGED, reference=pool) for pool in pools]
    return changed + [
        frame(entry_id=entry.id, kind=entry.kind, reference=entry.reference, pool=entry.pool) for entry in seen
    ]
