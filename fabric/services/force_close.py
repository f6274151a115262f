"""An operator's way out of a node that cannot be proven gone: close it and offer its units to nobody."""

from datetime import datetime

from django.db import transaction

from fabric.models import Composition, Host, ResourceBlock
from fabric.services.generation import move_generation
from fabric.services.units import move_blocks, move_hosts
from fabric.states import COMPOSITION_TRANSITIONS, UNUSABLE, BlockState, CompositionState

CLOSABLE = sorted(state for state, following in COMPOSITION_TRANSITIONS.items() if CompositionState.CLOSED in following)


@transaction.atomic
def quarantine_composition(*, composition: Composition, reason: str, now: datetime) -> tuple[str, ...]:
    """Close, without proof, one that is being taken apart or was never begun.

    What is not free is quarantined; its attachment stays open until a read-back closes it. Returns the units' codes.
    Calling it again on a closed composition changes nothing.
    """
    move_generation(pool_ids=[composition.pool_id])
    closed = Composition.objects.filter(pk=composition.pk, state__in=CLOSABLE).update(
        state=CompositionState.CLOSED, state_reason=reason, closed_at=now
    )
    if not closed:
        return ()
    blocks = list(ResourceBlock.objects.filter(compositions=composition).order_by("id"))
    hosts = list(Host.objects.filter(pk=composition.host_id))
    moved = [unit.code for unit in blocks if _quarantine(unit, reason)]
    return (*moved, *(unit.code for unit in hosts if _quarantine(unit, reason)))


def _quarantine(unit: ResourceBlock | Host, reason: str) -> bool:
    seen = BlockState(unit.state)
    if seen == BlockState.FREE or seen in UNUSABLE:
        return False
    move = move_blocks if isinstance(unit, ResourceBlock) else move_hosts
    return bool(move(ids=[unit.pk], seen=seen, to=BlockState.QUARANTINED, reason=reason))
