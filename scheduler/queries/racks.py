"""How loaded each rack is at this instant, by rule R14: what is always on, plus the TDP of every held device."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum
from django.db.models.functions import Coalesce

from fabric.models import Host, Pru, Rack
from scheduler.queries.holders import holding


@dataclass(frozen=True, slots=True, kw_only=True)
class RackRow:
    """Watts. The tighter of `budget_w` (what one feed may carry alone) and `cooling_w` is the limit."""

    code: str
    room: str
    budget_w: int
    cooling_w: int
    base_w: int  # hosts with their own devices, and PRUs
    held_w: int  # devices whose padded window covers now


def rack_rows(*, pool_code: str, now: datetime, only: Collection[str] | None = None) -> tuple[RackRow, ...]:
    """By code; `only` these, if they are named. Four queries."""
    racks = Rack.objects.filter(pool__code=pool_code).order_by("code")
    if only is not None:
        racks = racks.filter(code__in=only)
    shown = list(racks)
    ids = [rack.id for rack in shown]
    base: Counter[int] = Counter()
    hosts = Host.objects.filter(rack_id__in=ids).values_list("rack_id", "base_w", "facts__local_w")
    for rack_id, base_w, local_w in hosts:
        base[rack_id] += base_w + local_w
    for rack_id, base_w in Pru.objects.filter(rack_id__in=ids, is_present=True).values_list("rack_id", "base_w"):
        base[rack_id] += base_w
    held = _held(pool_code, ids, now)
    return tuple(
        RackRow(
            code=rack.code,
            room=rack.room,
            budget_w=rack.budget_w,
            cooling_w=rack.cooling_limit_w,
            base_w=base[rack.id],
            held_w=held.get(rack.id, 0),
        )
        for rack in shown
    )


def _held(pool_code: str, ids: Collection[int], now: datetime) -> dict[int, int]:
    """Watts of held devices by rack id."""
    found = (
        holding(now=now)
        .filter(block__isnull=False, pool__code=pool_code)
        .annotate(rack=Coalesce("block__pru__rack_id", "block__fixed_host__rack_id"))
        .filter(rack__in=ids)
    )
    return dict(found.values("rack").annotate(watts=Sum("block__device_class__tdp_w")).values_list("rack", "watts"))
