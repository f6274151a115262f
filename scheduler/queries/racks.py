"""How loaded each rack is at this instant, by rule R14: what is always on, plus the TDP of every held device."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, Sum
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


def rack_rows(*, pool_code: str, now: datetime) -> tuple[RackRow, ...]:
    """By code. Four queries."""
    base: Counter[int] = Counter()
    for rack_id, base_w, facts in Host.objects.filter(pool__code=pool_code).values_list("rack_id", "base_w", "facts"):
        base[rack_id] += base_w + facts["local_w"]
    for rack_id, base_w in Pru.objects.filter(pool__code=pool_code, is_present=True).values_list("rack_id", "base_w"):
        base[rack_id] += base_w
    held = _held(pool_code, now)
    return tuple(
        RackRow(
            code=rack.code,
            room=rack.room,
            budget_w=rack.budget_w,
            cooling_w=rack.cooling_limit_w,
            base_w=base[rack.id],
            held_w=held.get(rack.id, 0),
        )
        for rack in Rack.objects.filter(pool__code=pool_code).order_by("code")
    )


def _held(pool_code: str, now: datetime) -> dict[int, int]:
    """Watts of held devices by rack id."""
    found = (
        holding(now=now)
        .filter(Q(block__pru__isnull=False) | Q(block__fixed_host__isnull=False), pool__code=pool_code)
        .annotate(rack=Coalesce("block__pru__rack_id", "block__fixed_host__rack_id", F("host__rack_id")))
    )
    return dict(found.values("rack").annotate(watts=Sum("block__device_class__tdp_w")).values_list("rack", "watts"))
