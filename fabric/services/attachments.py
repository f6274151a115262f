"""What was left open when a node was closed without proof: over, once a block was read free."""

from datetime import datetime

from fabric.models import Attachment, ResourceBlock
from fabric.states import CompositionState


def close_left_open(*, block: ResourceBlock, now: datetime) -> bool:
    """Whether there was one. That of a live composition is its executor's alone."""
    rows = Attachment.objects.filter(block=block, until=None, composition__state=CompositionState.CLOSED)
    return bool(rows.update(until=now))
