"""What was told of the accelerators that reservations in use have attached."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Max, Min, Q

from fabric.models import Attachment
from fabric.topology import ACCELERATOR_KINDS
from scheduler.models import Utilisation
from scheduler.planning.idling import Seen


def accelerators_of(codes: Collection[str]) -> Mapping[str, tuple[int, ...]]:
    """By the reservation's code: ids of the blocks that are attached now. One query."""
    found = Attachment.objects.filter(
        composition__owner__in=codes, until__isnull=True, block__device_class__kind__in=ACCELERATOR_KINDS
    ).values_list("composition__owner", "block_id")
    by_code: dict[str, tuple[int, ...]] = {}
    for code, block in found.order_by("block_id"):
        by_code[code] = (*by_code.get(code, ()), block)
    return by_code


def seen_of(*, blocks: Collection[int], since: datetime, percent: int) -> Mapping[int, Seen]:
    """By block, from its samples since then; a block without any is left out. One query."""
    found = Utilisation.objects.filter(block_id__in=blocks, at__gte=since).values("block_id").order_by("block_id")
    told = found.annotate(first=Min("at"), last=Max("at"), busy=Max("at", filter=Q(percent__gt=percent)))
    return {row["block_id"]: Seen(row["first"], row["last"], row["busy"]) for row in told}


def busy_at(*, code: str, since: datetime, percent: int) -> datetime | None:
    """When a device of this reservation was first told to be busy since then."""
    blocks = accelerators_of([code]).get(code, ())
    found = Utilisation.objects.filter(block_id__in=blocks, at__gte=since, percent__gt=percent)
    first: datetime | None = found.aggregate(first=Min("at"))["first"]
    return first
