"""Give those that wait their turn: in order, one pool at a time, each as soon as its mix fits between its dates.

Whoever is first and does not fit has a window guarded. Safe to run twice, late, or from two processes: who takes a gap
is settled under the pool's lock, and the other one goes on waiting.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from fabric.models import Pool
from scheduler import limits
from scheduler.models import WaitlistEntry
from scheduler.queries.waitlist import Waiting, entries_of, queue_of, waiting_pools, waits_of_late
from scheduler.services._tries import is_lost_race
from scheduler.services._turns import Outcome, look, unguard

_log = logging.getLogger(__name__)
_AGAIN = timedelta(minutes=limits.WAITING_LOOK_MINUTES)
_LONGEST_UNSEEN = 5  # of the looks of a round are for those that were not looked at for longest


def promote(*, now: datetime) -> int:
    """How many got their turn. A pool that fails is logged and does not keep the others waiting."""
    promoted = 0
    for pool in waiting_pools():
        try:
            promoted += promote_in(pool=pool, now=now)
        except Exception as error:
            if is_lost_race(error):
                _log.info("pool %s is busy; those that wait there are looked at later", pool.code)
            else:
                _log.exception("those that wait for pool %s could not be looked at", pool.code)
    return promoted


def promote_in(*, pool: Pool, now: datetime) -> int:
    """One round, with the pool just read: nobody is looked at again soon where nothing in it has changed."""
    entries = entries_of(pool=pool)
    if not any(_is_due(one, pool.generation, now) for one in entries):
        return 0
    queue = queue_of(pool=pool, now=now, entries=entries)
    due = _due(queue, generation=pool.generation, now=now)
    late = waits_of_late(pool=pool, now=now)
    promoted, is_guarded = 0, False
    for waiting in queue:
        if is_guarded and waiting.entry.guarded_from is not None:
            unguard(entry=waiting.entry)  # somebody came before it
        if waiting.entry.pk not in due:
            is_guarded = is_guarded or waiting.entry.guarded_from is not None
            continue
        outcome = look(entry=waiting.entry, may_guard=not is_guarded, late=late, now=now)
        is_guarded = is_guarded or outcome == Outcome.GUARDED
        promoted += outcome == Outcome.PROMOTED
    return promoted


def _due(queue: Sequence[Waiting], *, generation: int, now: datetime) -> frozenset[int]:
    """The first of them, and a few of those further behind, so that each is looked at some day."""
    stale = [one.entry for one in queue if _is_due(one.entry, generation, now)]
    unseen = sorted(stale, key=lambda entry: (entry.looked_at is not None, entry.looked_at, entry.pk))
    first = stale[: limits.WAITING_LOOKS_MAX - _LONGEST_UNSEEN]
    return frozenset(entry.pk for entry in (*first, *unseen[:_LONGEST_UNSEEN]))


def _is_due(entry: WaitlistEntry, generation: int, now: datetime) -> bool:
    return entry.looked_in != generation or entry.looked_at is None or now >= entry.looked_at + _AGAIN
