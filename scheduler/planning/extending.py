"""A reservation that is to end later on the same devices: what stands against it. Pure.

Only the added time is looked at: what it holds until then is its own. Whatever fits until an end fits until every
earlier one too, so that the last end which fits is found by halving.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from scheduler.planning.admission import fits, is_beyond_quota
from scheduler.planning.case import Case
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.rules import policy
from scheduler.planning.shortening import clean_up, ending_at
from scheduler.planning.snapshot import Snapshot
from scheduler.refusals import Refusal, RefusalCode
from scheduler.requests import Window

FIELD = "ends_at"  # all that is asked for
BY = "operator"
MINUTE = timedelta(minutes=1)
_C = RefusalCode
_SAID_HERE = frozenset({_C.DEVICE_BUSY, _C.DEVICE_UNAVAILABLE, _C.NO_FREE_HOST})  # in words of what it has already
_NOT_ASKED = frozenset({_C.NEEDS_REBOOT, _C.TOO_SHORT, _C.LEAD_TIME})  # of a start, or of a window that is shorter


def against(*, plan: Plan, snapshot: Snapshot, reservation: str, ends_at: datetime) -> tuple[Refusal, ...]:
    """Every reason why the plan cannot be held until then; empty if nothing is in the way.

    `plan` is what it holds now, with its window; the snapshot's quota is that of its project.
    """
    longer = ending_at(plan=plan, ends_at=ends_at)
    added = replace(longer, busy_from=plan.busy_until)
    index = PoolIndex(snapshot).without([reservation])
    case = Case(
        wishes=(),
        window=Window(starts_at=plan.starts_at, ends_at=ends_at),
        project=snapshot.quota.project,
        index=index,
        busy=(added.busy_from, added.busy_until),
    )
    others = fits(plan=added, snapshot=snapshot, reservation=reservation, charged_from=plan.ends_at)
    found = [*policy.horizon(case), *policy.duration(case), *_units(case, plan), *_whole_cards(case, plan)]
    found += [refusal for refusal in others if refusal.code not in _SAID_HERE]
    return tuple(replace(refusal, field=FIELD) for refusal in found if refusal.code not in _NOT_ASKED)


def goes_beyond_quota(*, plan: Plan, snapshot: Snapshot, reservation: str, ends_at: datetime) -> bool:
    """Whether the added time fits only since it begins so soon that what is idle may be had beyond the ceilings."""
    added = replace(ending_at(plan=plan, ends_at=ends_at), busy_from=plan.busy_until)
    return is_beyond_quota(plan=added, snapshot=snapshot, reservation=reservation, charged_from=plan.ends_at)


def last_end(*, plan: Plan, snapshot: Snapshot, reservation: str, until: datetime) -> datetime | None:
    """The last end, to the minute, not after `until`, that fits; None where not even a minute more does."""
    ends = sorted(_ends(plan, snapshot, reservation, until))

    def is_refused(end: datetime) -> bool:
        return bool(against(plan=plan, snapshot=snapshot, reservation=reservation, ends_at=end))

    first_refused = bisect_left(ends, True, key=is_refused)
    found = ends[first_refused - 1] if first_refused else None
    if first_refused == len(ends) or not snapshot.quota.hour_limits:
        return found
    begin = found or plan.ends_at.replace(second=0, microsecond=0)  # hours run out at any minute between two others
    minutes = range(1, (ends[first_refused] - begin) // MINUTE)
    some = bisect_left(minutes, True, key=lambda nth: is_refused(begin + nth * MINUTE))
    later = begin + some * MINUTE
    return later if later > plan.ends_at else None


def longest_end(*, plan: Plan, snapshot: Snapshot) -> datetime:
    """What the bounds of pool and project allow, others left aside."""
    return plan.starts_at + timedelta(hours=snapshot.bounds.max_duration_hours)


def taken_units(*, plan: Plan, snapshot: Snapshot, reservation: str, ends_at: datetime) -> tuple[str, ...]:
    """Its hosts and devices that are somebody else's in the added time, in the order of the plan."""
    index = PoolIndex(snapshot).without([reservation])
    begin, end = plan.busy_until, ends_at + clean_up(plan)
    units = [(code, is_host) for node in plan.nodes for code, is_host in _of_node(node.host, node.blocks)]
    return tuple(code for code, is_host in units if index.timeline.is_busy(code, begin, end, is_host=is_host))


def _ends(plan: Plan, snapshot: Snapshot, reservation: str, until: datetime) -> set[datetime]:
    """More can stand against a later end only where somebody begins, or where the policy ends."""
    timeline = PoolIndex(snapshot).without([reservation]).timeline
    begins = timeline.begins_in(plan.busy_until, until + clean_up(plan))
    ends = {until, longest_end(plan=plan, snapshot=snapshot), *(begin - clean_up(plan) for begin in begins)}
    minutes = {end.replace(second=0, microsecond=0) for end in ends}
    return {end for end in minutes if plan.ends_at < end <= until}


def _units(case: Case, plan: Plan) -> Iterator[Refusal]:
    hosts = [node.host for node in plan.nodes]
    blocks = [code for node in plan.nodes for code in node.blocks]
    known = case.topology.blocks
    broken = [code for code in blocks if code not in known or not known[code].is_usable]
    if broken:
        message = f"{_some(broken, blocks, 'device')} out of service now; swap what has failed first."
        yield _refusal(_C.DEVICE_UNAVAILABLE, message, blocks, broken, "devices")
    taken = [code for code in blocks if case.index.timeline.is_busy(code, case.busy_from, case.busy_until)]
    if taken:
        message = f"{_some(taken, blocks, 'device')} somebody else's before it would be given back."
        yield _refusal(_C.DEVICE_BUSY, message, blocks, taken, "devices")
    lost = [code for code in hosts if not case.vacancy.has_host(code)]
    if lost:
        message = f"{_some(lost, hosts, 'host')} somebody else's or out of service before it would be given back."
        yield _refusal(_C.NO_FREE_HOST, message, hosts, lost, "hosts")


def _whole_cards(case: Case, plan: Plan) -> Iterator[Refusal]:
    """A ceiling that may have come since it was booked: no accelerators but slices of them."""
    if not case.index.snapshot.quota.mig_only:
        return
    known, classes = case.topology.blocks, case.topology.classes
    whole = [
        code
        for node in plan.nodes
        for code in node.blocks
        if code in known and classes[known[code].device_class].is_accelerator and not _is_cut(node.settings.get(code))
    ]
    if whole:
        message = f"{case.project} may only hold slices of accelerators; it holds {len(whole):,} whole ones."
        yield Refusal(_C.QUOTA_DEVICES, FIELD, message, len(whole), 0, "devices", BY)


def _is_cut(setting: Any) -> bool:
    return setting is not None and bool(setting.layout)


def _of_node(host: str, blocks: Collection[str]) -> Iterator[tuple[str, bool]]:
    yield host, True
    for code in blocks:
        yield code, False


def _some(some: Collection[str], of: Collection[str], word: str) -> str:
    verb = "is" if len(some) == 1 else "are"
    return f"{len(some):,} of its {len(of):,} {word}{'s'[: len(of) != 1]} {verb}"


def _refusal(code: RefusalCode, message: str, of: Collection[str], missing: Collection[str], unit: str) -> Refusal:
    return Refusal(code, FIELD, message, len(of), len(of) - len(missing), unit)
