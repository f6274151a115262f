"""How much of its ceilings a project uses at this instant."""

from datetime import datetime

from django.db.models import Count

from fabric.topology import ACCELERATOR_KINDS
from scheduler.queries.holders import holding


def accelerators_held(*, project_id: int, now: datetime) -> dict[str, int]:
    """Accelerators whose padded window covers now, by pool code. One query."""
    found = holding(now=now).filter(
        reservation__project_id=project_id, block__device_class__kind__in=sorted(ACCELERATOR_KINDS)
    )
    return dict(found.values("pool__code").annotate(number=Count("id")).values_list("pool__code", "number"))
