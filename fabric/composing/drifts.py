"""Differences that stand, as Drift rows and back: a row for as long as it looks the same."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from fabric.composing.differences import NO_BLOCK, Difference, Standing
from fabric.models import Composition, Drift, FabricManager, ResourceBlock
from fabric.services.belonging import blocks_of
from fabric.states import DriftKind

OTHERWISE = "It looks otherwise now."
OVER = "The fabric shows what the books say."


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Whom a reconciliation tells, inside the transaction in which it happens."""

    found: Callable[[Drift], None]
    settled: Callable[[Drift], None]
    unusable: Callable[[str, str], None]  # a block or host, and why
    offered: Callable[[str], None]  # a host that is free again


def open_drifts(*, manager: FabricManager) -> dict[tuple[str, DriftKind], Drift]:
    """By the key of the difference. A machine's row belongs to the fabric its composition was of."""
    machines = Composition.objects.filter(fabric_manager=manager).values("tag")
    mine = Q(block__in=blocks_of(manager=manager)) | Q(block=None, tag__in=machines)
    rows = Drift.objects.filter(mine, pool=manager.pool_id, resolved_at=None).select_related("block").order_by("id")
    return {standing_of(row).what.key: row for row in rows}


def standing_of(row: Drift) -> Standing:
    what = Difference(
        block=row.block.code if row.block else NO_BLOCK,
        kind=DriftKind(row.kind),
        tag=row.tag,
        expected=row.expected,
        observed=row.observed,
    )
    return Standing(
        what=what,
        sightings=row.sightings,
        first_seen_at=row.first_seen_at,
        seen_at=row.last_seen_at,
        answer=row.resolution,
    )


def write(
    *,
    manager: FabricManager,
    rows: Mapping[tuple[str, DriftKind], Drift],
    standing: Collection[Standing],
    now: datetime,
    told: Told,
) -> None:
    """New ones are told, and those that are over; one that looks otherwise than before is a new one."""
    after = {one.what.key: one for one in standing}
    for key, row in rows.items():
        if key not in after:
            _resolve(row, now, OVER)
            told.settled(row)
        elif after[key].first_seen_at != row.first_seen_at:
            _resolve(row, now, OTHERWISE)
        else:
            Drift.objects.filter(id=row.pk).update(
                sightings=after[key].sightings, last_seen_at=after[key].seen_at, expected=after[key].what.expected
            )
    new = [one for key, one in after.items() if key not in rows or rows[key].first_seen_at != one.first_seen_at]
    ids = dict(ResourceBlock.objects.filter(
        pool=manager.pool_id, code__in=[one.what.block for one in new]
    ).values_list("code", "id"))  # fmt: skip
    for one in new:
        told.found(_create(manager, ids.get(one.what.block), one))


def _create(manager: FabricManager, block_id: int | None, one: Standing) -> Drift:
    return Drift.objects.create(
        pool_id=manager.pool_id,
        block_id=block_id,
        kind=one.what.kind,
        tag=one.what.tag,
        expected=one.what.expected,
        observed=one.what.observed,
        sightings=one.sightings,
        first_seen_at=one.first_seen_at,
        last_seen_at=one.seen_at,
    )


def _resolve(row: Drift, now: datetime, why: str) -> None:
    Drift.objects.filter(id=row.pk).update(resolved_at=now, resolution=row.resolution or why)
