"""Everything a decision may look at as one `Snapshot`, from the board that this process keeps. Reads only."""

from dataclasses import replace
from datetime import datetime

from scheduler.models import Reservation
from scheduler.planning.guarding import with_guards
from scheduler.planning.snapshot import QuotaFacts, Snapshot
from scheduler.planning.stays import to_instant
from scheduler.planning.timeline import Committed, Timeline
from scheduler.planning.turnarounds import turnaround_of_stays
from scheduler.queries.boards import Board, board
from scheduler.queries.quota_facts import quota_of
from scheduler.states import LIVE, Priority


def snapshot(
    *, pool_code: str, project_slug: str, now: datetime, priority: Priority | None = Priority.NORMAL, waiting: str = ""
) -> Snapshot:
    """Raises Pool.DoesNotExist. What was committed after the generation was read makes the commit look again."""
    seen = board(pool_code=pool_code)
    quota = quota_of(pool_code=pool_code, project=project_slug, now=now)
    return snapshot_of(board=seen, quota=quota, now=now, priority=priority, waiting=waiting)


def snapshot_of(
    *,
    board: Board,
    quota: QuotaFacts,
    now: datetime,
    priority: Priority | None = Priority.NORMAL,
    waiting: str = "",
) -> Snapshot:
    """What is kept for those that wait is seen as taken by those of this priority, but by the one `waiting` itself.

    No priority: by nobody, as for what was promised already and has to be kept elsewhere.
    """
    shape = board.inventory.shape
    timeline = _with_overruns(board.timeline, now)
    guards = [one for one in board.guards if one.reservation != waiting]
    if priority is not None and guards:
        timeline = with_guards(timeline, guards, asker=priority, now=now)
    return Snapshot(
        topology=shape.topology,
        generation=board.generation,
        commitments=Committed(timeline),
        quota=quota,
        now=now,
        catalogue_only=board.inventory.catalogue_only,
        rates=board.inventory.rates,
    )


def timeline_of(*, pool_code: str, now: datetime) -> Timeline:
    """What is committed, as decisions see it. One query when nothing changed. Raises Pool.DoesNotExist."""
    return _with_overruns(board(pool_code=pool_code).timeline, now)


def _with_overruns(timeline: Timeline, now: datetime) -> Timeline:
    """A release that overruns its padding is expected to need the clean-up time of what it holds once more.

    Only what still holds units after its time can be one, so mostly nobody is asked for.
    """
    over = timeline.ended_by(now)
    if not over:
        return timeline
    codes = list(Reservation.objects.filter(code__in=over, state__in=sorted(LIVE)).values_list("code", flat=True))
    if not codes:
        return timeline
    made = timeline.fork()
    for code in codes:
        stays = timeline.stays(code)
        until = to_instant(now + turnaround_of_stays(stays=stays, shape=timeline.shape).length)
        made.remove_reservation(code)
        made.add_stays(replace(stay, end=until) if stay.end <= to_instant(now) else stay for stay in stays)
    return made
