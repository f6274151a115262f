"""Carries out open repairs: each is an intent that was committed before the fabric is touched. One step a call.

Any number of processes may call this: a lease keeps them apart, and where it does not, the operation key does. Killed
at any point and called again: the same result.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import Error as DatabaseAway
from django.db import transaction
from django.db.models import Q

from fabric.composing.answering import open_cleaning
from fabric.composing.mending import Expected, Job, Progress, begin_or_go_on, unclear
from fabric.composing.repairs import returns_of_itself
from fabric.drivers.base import Driver
from fabric.models import Attachment, Device, Drift, FabricManager, Pool, Repair, ResourceBlock
from fabric.services.attachments import close_left_open
from fabric.services.turns import return_turn, take_turn
from fabric.services.units import REASON_CHARS_MAX, move_blocks
from fabric.states import BlockState, RepairKind, RepairState

LEASE = timedelta(seconds=30)  # of one step; one that takes longer may be made twice, which is harmless
AT_ONCE_MIN = 2  # repairs of one fabric that stand in its queue of changes; more would keep reservations waiting
MESSAGE_CHARS_MAX = 500  # width of the column
_log = logging.getLogger(__name__)
WAITS = "It waits for its turn on the fabric."
WAITED = ("", WAITS)  # `Repair.message` of one that the fabric has not been asked for since


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """How a repair ended. `offered` are blocks that are free again, `kept` those that stay quarantined, with why."""

    repair: Repair
    progress: Progress
    offered: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()


OnEnd = Callable[[Mended], None]


def waiting(*, manager: FabricManager, now: datetime) -> list[int]:
    """Ids of the oldest open repairs that nobody is at; none while the fabric is paused.

    Only some at once, half of what the fabric takes: a shelf that comes back has hundreds of blocks to be cleaned.
    """
    row = FabricManager.objects.get(id=manager.pk)
    if row.is_paused:
        return []
    oldest = Repair.objects.filter(fabric_manager=manager, state=RepairState.OPEN).order_by("id")
    at_once = list(oldest.values_list("id", flat=True)[: max(AT_ONCE_MIN, row.max_parallel_mutations // 2)])
    return list(Repair.objects.filter(_takeable(now), id__in=at_once).order_by("id").values_list("id", flat=True))


def go_on(*, repair_id: int, driver: Driver, clock: Callable[[], datetime], on_end: OnEnd) -> RepairState | None:
    """One step of one repair; None where somebody else is at it. `on_end` is called inside the transaction of its end.

    Never sleeps, and opens no transaction around a call of the driver.
    """
    now = clock()
    taken = Repair.objects.filter(_takeable(now), id=repair_id).update(lease_until=now + LEASE)
    if not taken:
        return None
    repair = Repair.objects.select_related("fabric_manager").get(id=repair_id)
    capabilities = driver.capabilities()
    is_our_turn = take_turn(
        manager_id=repair.fabric_manager_id,
        key=repair.op_key,
        now=now,
        until=now + LEASE,
        at_most=capabilities.max_parallel_mutations,
    )
    if not is_our_turn:
        Repair.objects.filter(id=repair_id, state=RepairState.OPEN).update(lease_until=None, message=WAITS)
        return RepairState.OPEN
    if repair.message in WAITED:
        _start_clock(repair, now, capabilities.detach_seconds_max)
    job = _job(repair, is_overdue=_is_overdue(repair, now, capabilities.detach_seconds_max))
    progress = _one_step(repair, job, driver)
    with transaction.atomic():
        Pool.objects.select_for_update(no_key=True).get(id=repair.pool_id)
        if _write(repair, progress, clock()) and progress.state != RepairState.OPEN:
            on_end(_end(repair, progress, clock()))
    if progress.state != RepairState.OPEN:
        return_turn(manager_id=repair.fabric_manager_id, key=repair.op_key)
    return progress.state


def _one_step(repair: Repair, job: Job, driver: Driver) -> Progress:
    """What a driver did not foresee has an end too: the oldest repairs would keep all others waiting for ever."""
    try:
        return begin_or_go_on(job, driver, may_change=lambda: _is_open_to_changes(repair))
    except DatabaseAway:
        raise
    except Exception as error:
        _log.exception("%s did not get on", repair)
        return unclear(job, f"{type(error).__name__}: {error}")


def _takeable(now: datetime) -> Q:
    return Q(state=RepairState.OPEN) & (Q(lease_until=None) | Q(lease_until__lt=now))


def _is_open_to_changes(repair: Repair) -> bool:
    """Asked right before the mutation: a pause that came meanwhile counts."""
    return not FabricManager.objects.filter(id=repair.fabric_manager_id, is_paused=True).exists()


def _start_clock(repair: Repair, now: datetime, seconds_max: int) -> None:
    """How long it has stood behind others, or nobody ran, says nothing about the fabric."""
    repair.created_at = now - timedelta(seconds=seconds_max) * repair.attempt
    Repair.objects.filter(id=repair.pk, state=RepairState.OPEN).update(created_at=repair.created_at)


def _is_overdue(repair: Repair, now: datetime, seconds_max: int) -> bool:
    """Every try has the fabric's whole time."""
    return now - repair.created_at > timedelta(seconds=seconds_max) * (repair.attempt + 1)


def _job(repair: Repair, *, is_overdue: bool) -> Job:
    rows = ResourceBlock.objects.filter(pool=repair.pool_id, code__in=repair.blocks).select_related("fixed_host")
    serials: dict[int, list[str]] = {}
    for block_id, serial in Device.objects.filter(block__in=rows).values_list("block_id", "serial"):
        serials.setdefault(block_id, []).append(serial)
    return Job(
        kind=RepairKind(repair.kind),
        op_key=repair.op_key,
        tag=repair.tag,
        blocks={row.code: _expected(row, serials.get(row.pk, [])) for row in rows},
        tries=repair.attempt,
        is_overdue=is_overdue,
    )


def _expected(row: ResourceBlock, serials: Sequence[str]) -> Expected:
    return Expected(
        serial=serials[0] if len(serials) == 1 else "", home=row.fixed_host.code if row.fixed_host else None
    )


def _write(repair: Repair, progress: Progress, now: datetime) -> bool:
    """False if another process has written since: then its word stands."""
    is_over = progress.state != RepairState.OPEN
    rows = Repair.objects.filter(id=repair.pk, state=RepairState.OPEN, attempt=repair.attempt)
    written = rows.update(
        state=progress.state,
        attempt=progress.tries,
        message=progress.message[:MESSAGE_CHARS_MAX],
        lease_until=None,
        finished_at=now if is_over else None,
    )
    return bool(written)


def _end(repair: Repair, progress: Progress, now: datetime) -> Mended:
    end = {RepairKind.CLEAN: _end_cleaning, RepairKind.DETACH: _end_detaching}[RepairKind(repair.kind)]
    return end(repair, progress, now)


def _end_cleaning(repair: Repair, progress: Progress, now: datetime) -> Mended:
    """What is proven is offered; an attachment that was left open without proof is over with it."""
    offered, kept = [], []
    for row in ResourceBlock.objects.filter(pool=repair.pool_id, code__in=repair.blocks).order_by("id"):
        doubt = progress.doubts.get(row.code, "")
        to = BlockState.QUARANTINED if doubt else BlockState.FREE
        if not move_blocks(ids=[row.pk], seen=BlockState.CLEANING, to=to, reason=doubt):
            continue
        if doubt:
            kept.append((row.code, doubt))
        else:
            offered.append(row.code)
            close_left_open(block=row, now=now)
    return Mended(repair=repair, progress=progress, offered=tuple(offered), kept=tuple(kept))


def _end_detaching(repair: Repair, progress: Progress, now: datetime) -> Mended:
    """What was an orphan is cleaned next, unless it is quarantined for a reason that an operator must look at."""
    resolution = f"{progress.message} ({repair.by_name})"[:REASON_CHARS_MAX]
    Drift.objects.filter(pool=repair.pool_id, tag=repair.tag, resolved_at=None).update(resolution=resolution)
    if progress.state == RepairState.FAILED:
        return Mended(repair=repair, progress=progress, kept=tuple(sorted(progress.doubts.items())))
    rows = ResourceBlock.objects.filter(pool=repair.pool_id, code__in=repair.blocks).order_by("id")
    Attachment.objects.filter(block__in=rows, composition__tag=repair.tag, until=None).update(until=now)
    for row in rows:
        if row.state == BlockState.QUARANTINED and returns_of_itself(row.state_reason):
            open_cleaning(
                manager=repair.fabric_manager,
                block=row.code,
                seen=BlockState.QUARANTINED,
                now=now,
                reason=row.state_reason,
                by_name=repair.by_name,
            )
    return Mended(repair=repair, progress=progress)
