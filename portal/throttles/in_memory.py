"""Buckets in the memory of this process, for a bounded number of owners: where nothing is shared with others."""

import time
from collections.abc import Mapping, Sequence
from threading import Lock

KEPT_MAX = 10_000
_lock = Lock()
_full_at: dict[str, int] = {}  # microseconds of this machine's clock, by owner; the one touched longest ago first


def take(sizes: Mapping[str, tuple[int, int]]) -> Sequence[tuple[int, int, int]]:
    """Interval and window of each owner → what remains, full again in, fits again in (all in microseconds)."""
    now = time.monotonic_ns() // 1_000
    with _lock:
        before = {owner: max(_full_at.get(owner, 0), now) for owner in sizes}
        late = {owner: before[owner] + interval - now - window for owner, (interval, window) in sizes.items()}
        fits = max(late.values()) <= 0
        after = {owner: before[owner] + interval * fits for owner, (interval, _) in sizes.items()}
        if fits:
            _keep(after)
    return [
        ((window - after[owner] + now) // interval, after[owner] - now, max(0, late[owner]))
        for owner, (interval, window) in sizes.items()
    ]


def put_back(sizes: Mapping[str, tuple[int, int]]) -> None:
    with _lock:
        for owner, (interval, _) in sizes.items():
            if owner in _full_at:
                _full_at[owner] -= interval


def forget() -> None:
    """Every bucket is full again."""
    with _lock:
        _full_at.clear()


def _keep(after: Mapping[str, int]) -> None:
    """Who was not seen for longest is forgotten for whoever is new."""
    for owner in after:
        _full_at.pop(owner, None)
    for owner in list(_full_at)[: max(0, len(_full_at) + len(after) - KEPT_MAX)]:
        del _full_at[owner]
    _full_at.update(after)
