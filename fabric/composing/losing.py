"""A block that its node has lost on the fabric is to be attached to it again: first it is inspected and cleaned."""

from datetime import datetime

from fabric.composing.answering import open_cleaning
from fabric.models import Attachment, Composition, ResourceBlock
from fabric.services.belonging import manager_of
from fabric.services.units import move_blocks
from fabric.states import BlockState


def let_go(*, composition: Composition, block: ResourceBlock, now: datetime, reason: str, by_name: str) -> bool:
    """The attachment is over, as complete listings have shown; the block stays one of its node's.

    False where the books have it otherwise: it is not attached, or it is quarantined or missing. In the caller's
    transaction, which has locked the pool.
    """
    if not move_blocks(ids=[block.pk], seen=BlockState.ATTACHED, to=BlockState.DETACHING, reason=reason):
        return False
    Attachment.objects.filter(block=block, composition=composition, until=None).update(until=now)
    manager, seen = manager_of(unit=block), BlockState.DETACHING
    return open_cleaning(manager=manager, block=block.code, seen=seen, now=now, reason=reason, by_name=by_name)
