"""What was attached for a reservation, when, and what it draws at worst."""

from datetime import datetime

from fabric.models import Attachment
from scheduler.planning.so_far import Attached

_COLUMNS = (
    "composition_id", "block__code", "block__device_class__code", "block__device_class__tdp_w", "composition__settings",
    "host__base_w", "host__facts__local_w", "since", "until",
)  # fmt: skip


def attached_for(*, code: str) -> tuple[Attached, ...]:
    """Its devices, and each host for as long as it had any of them. A capped card draws its cap. One query."""
    found: list[Attached] = []
    hosts: dict[int, Attached] = {}
    rows = Attachment.objects.filter(composition__owner=code).order_by("since", "id").values_list(*_COLUMNS)
    for composition, block, device_class, tdp_w, settings, base_w, local_w, since, until in rows:
        cap = (settings.get(block) or {}).get("power_cap_w")
        found.append(Attached(device_class, (cap or tdp_w) or 0, since, until))
        before = hosts.get(composition)
        last = until if before is None else _later(before.until, until)
        hosts[composition] = Attached("", base_w + (local_w or 0), before.since if before else since, last)
    return (*found, *hosts.values())


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)
