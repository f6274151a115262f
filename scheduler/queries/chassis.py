"""Blocks by the chassis that holds them, some chassis at a time."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.db.models import CharField
from django.db.models.functions import Coalesce

from scheduler.queries.paging import Page, one_more
from scheduler.queries.units import BlockRow, UnitFilters, block_page, matching_blocks

BLOCKS_PER_PAGE_MAX = 5_000


def chassis_page(
    *, filters: UnitFilters, project_ids: Collection[int] | None, now: datetime, limit: int, after: str | None = None
) -> Page[BlockRow]:
    """The matching blocks of up to `limit` chassis, by chassis code; `after` is the last chassis seen. Four queries."""
    found = matching_blocks(filters=filters, now=now)
    codes = found.annotate(chassis=Coalesce("pru__code", "fixed_host__code", output_field=CharField()))
    if after is not None:
        codes = codes.filter(chassis__gt=after)
    ordered = codes.order_by("chassis").values_list("chassis", flat=True).distinct()
    kept, following = one_more(ordered[: limit + 1], limit=limit, key=str)
    blocks = block_page(
        filters=replace(filters, chassis=tuple(kept)), project_ids=project_ids, now=now, limit=BLOCKS_PER_PAGE_MAX
    )
    return Page(tuple(sorted(blocks.rows, key=lambda row: row.chassis)), following)
