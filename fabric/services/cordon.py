"""Keep a unit from new allocations, and let it back. What holds it already is left alone."""

from django.db import transaction

from fabric.models import Host, Pool, ResourceBlock
from fabric.services.generation import move_generation
from fabric.services.units import REASON_CHARS_MAX

BY_NAME_CHARS_MAX = 150  # width of the column


@transaction.atomic
def cordon(*, unit: Host | ResourceBlock, reason: str, by_name: str) -> bool:
    """False when it was cordoned already: then the first reason and author stay."""
    columns = {"cordon_reason": reason[:REASON_CHARS_MAX], "cordoned_by": by_name[:BY_NAME_CHARS_MAX]}
    return _turn(unit, seen=False, to=True, **columns)


@transaction.atomic
def uncordon(*, unit: Host | ResourceBlock) -> bool:
    """False when it was not cordoned."""
    return _turn(unit, seen=True, to=False, cordon_reason="", cordoned_by="")


def _turn(unit: Host | ResourceBlock, *, seen: bool, to: bool, **columns: str) -> bool:
    """The pool's row first, because plans made until now may use, or miss, the unit."""
    Pool.objects.select_for_update(no_key=True).get(id=unit.pool_id)
    rows = type(unit)._default_manager.filter(pk=unit.pk, is_cordoned=seen)
    is_changed = bool(rows.update(is_cordoned=to, **columns))
    if is_changed:
        move_generation(pool_ids=[unit.pool_id])
    return is_changed
