"""Compare the fabric with the rows and write down how they differ. It reports; it attaches and detaches nothing."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from fabric.composing.differences import Difference, Recorded, compare
from fabric.drivers.base import Driver, Inventory
from fabric.models import Attachment, Composition, Drift, Pool, ResourceBlock
from fabric.services.units import move_blocks
from fabric.states import BLOCK_TRANSITIONS, LIVE_COMPOSITIONS, BlockState, CompositionState, DriftKind

RETURNED = "It was missing and has come back: look at it before it is offered."
GONE = "A complete listing of the fabric does not show it."
MOVING = LIVE_COMPOSITIONS - {CompositionState.COMPOSED}


def reconcile(*, pool: Pool, driver: Driver, now: datetime) -> tuple[Difference, ...]:
    """List the fabric once, record every difference as a Drift, and mark blocks that are gone or have come back.

    The rows are read before and after the listing; a block whose rows moved meanwhile is left for the next time. Raises
    DriverError; then nothing was written.
    """
    before = _recorded(pool)
    inventory = driver.inventory()
    after = _recorded(pool)
    steady = {code: row for code, row in after.items() if before.get(code) == row}
    differences = compare(
        inventory=inventory,
        recorded=steady.values(),
        live_tags=_tags(pool, states=LIVE_COMPOSITIONS),
        our_tags=_tags(pool, states=frozenset(CompositionState)),
    )
    _write(pool, inventory, differences, steady, now)
    return differences


@transaction.atomic
def _write(
    pool: Pool, inventory: Inventory, differences: Collection[Difference], steady: dict[str, Recorded], now: datetime
) -> None:
    Pool.objects.select_for_update(no_key=True).get(id=pool.id)
    ids = dict(ResourceBlock.objects.filter(pool=pool, code__in=steady).values_list("code", "id"))
    for difference in differences:
        _record(pool, ids[difference.block], difference, now)
    _resolve(pool, ids, differences, inventory, now)
    absent = {difference.block for difference in differences if difference.kind == DriftKind.ABSENT}
    shown = {device.block for device in inventory.devices}
    for code, row in sorted(steady.items()):
        if code in absent and BlockState.MISSING in BLOCK_TRANSITIONS[row.state]:
            move_blocks(ids=[ids[code]], seen=row.state, to=BlockState.MISSING, reason=GONE)
        if code in shown and row.state == BlockState.MISSING:
            move_blocks(ids=[ids[code]], seen=BlockState.MISSING, to=BlockState.QUARANTINED, reason=RETURNED)


def _record(pool: Pool, block_id: int, difference: Difference, now: datetime) -> None:
    """One open row for a block and a kind: the first time it was seen stays."""
    facts = {
        "tag": difference.tag,
        "expected": difference.expected,
        "observed": difference.observed,
        "last_seen_at": now,
    }
    Drift.objects.update_or_create(
        pool=pool,
        block_id=block_id,
        kind=difference.kind,
        resolved_at=None,
        defaults=facts,
        create_defaults=facts | {"first_seen_at": now},
    )


def _resolve(
    pool: Pool, ids: dict[str, int], differences: Iterable[Difference], inventory: Inventory, now: datetime
) -> None:
    """What is no longer so is settled, if the block was shown, or would have been."""
    shown = {device.block for device in inventory.devices}
    looked_at = {block_id for code, block_id in ids.items() if inventory.is_complete or code in shown}
    still = {(ids[difference.block], str(difference.kind)) for difference in differences}
    for drift in Drift.objects.filter(pool=pool, block_id__in=looked_at, resolved_at=None).order_by("id"):
        if (drift.block_id, drift.kind) not in still:
            Drift.objects.filter(id=drift.id).update(resolved_at=now)


def _recorded(pool: Pool) -> dict[str, Recorded]:
    attached = {
        attachment.block_id: attachment
        for attachment in Attachment.objects.filter(block__pool=pool, until=None).select_related("composition", "host")
    }
    moving = set(Composition.objects.filter(pool=pool, state__in=MOVING).values_list("blocks", flat=True))
    return {
        code: Recorded(
            code=code,
            state=BlockState(state),
            tag=attached[pk].composition.tag if pk in attached else None,
            host=attached[pk].host.code if pk in attached else None,
            is_moving=pk in moving,
        )
        for pk, code, state in ResourceBlock.objects.filter(pool=pool).values_list("id", "code", "state")
    }


def _tags(pool: Pool, *, states: Collection[CompositionState]) -> frozenset[str]:
    return frozenset(Composition.objects.filter(pool=pool, state__in=states).values_list("tag", flat=True))
