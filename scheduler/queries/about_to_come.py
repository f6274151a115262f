"""What nodes in use are about to get: held already, and in no plan until it is attached."""

from fabric.models import Resize, ResourceBlock
from fabric.states import ResizeState
from scheduler.models import Reservation


def about_to_come(*, reservation: Reservation) -> tuple[frozenset[int], frozenset[int]]:
    """Indexes of its nodes whose change is open, and ids of the blocks that are added so."""
    rows = Resize.objects.filter(composition__owner=reservation.code, state=ResizeState.OPEN)
    found = list(rows.values_list("composition__node", "adds"))
    codes = [code for _, adds in found for code in adds]
    blocks = ResourceBlock.objects.filter(pool_id=reservation.pool_id, code__in=codes).values_list("pk", flat=True)
    return frozenset(node for node, _ in found), frozenset(blocks if codes else ())
