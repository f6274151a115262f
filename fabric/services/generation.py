"""Move a pool's generation: whoever planned on what was before must look again."""

from collections.abc import Collection

from django.db.models import F

from fabric.models import Pool


def move_generation(*, pool_ids: Collection[int]) -> None:
    """Locks the pool rows until the transaction ends, so call it before touching units (pool, then units by id)."""
    for pool_id in sorted(set(pool_ids)):
        Pool.objects.filter(id=pool_id).update(
            generation=F("generation") + 1, inventory_generation=F("inventory_generation") + 1
        )
