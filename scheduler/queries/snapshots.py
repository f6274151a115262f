"""Read everything a decision may look at into one `Snapshot`. Reads only; the generation is read first."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import F, Func
from django.db.models.fields import DateTimeField

from fabric.models import Pool
from fabric.queries import catalogue_only, topology
from scheduler.models import Allocation, Quota
from scheduler.planning.snapshot import Commitment, QuotaFacts, Snapshot
from scheduler.states import LIVE


def snapshot(*, pool_code: str, project_slug: str, now: datetime) -> Snapshot:
    """Raises Pool.DoesNotExist. What was committed after the generation was read makes the commit look again."""
    generation = Pool.objects.values_list("generation", flat=True).get(code=pool_code)
    shape = topology(pool_code=pool_code)
    overrun_until = now + timedelta(minutes=shape.policy.teardown_minutes)
    return Snapshot(
        topology=shape,
        generation=generation,
        commitments=tuple(_commitments(pool_code, now, overrun_until)),
        quota=_quota(pool_code, project_slug),
        now=now,
        catalogue_only=catalogue_only(),
    )


def _commitments(pool_code: str, now: datetime, overrun_until: datetime) -> Iterator[Commitment]:
    """A release that overruns its padding is expected to need its clean-up time once more."""
    rows = (
        Allocation.objects.filter(pool__code=pool_code, is_holding=True)
        .annotate(busy_from=_bound("lower"), busy_until=_bound("upper"))
        .values_list(
            "reservation__code",
            "reservation__project__slug",
            "reservation__state",
            "node",
            "block__code",
            "host__code",
            "busy_from",
            "busy_until",
        )
        .order_by("id")
    )
    held = list(rows)
    host_of = {(code, node): host for code, _, _, node, _, host, _, _ in held if host}
    for code, project, state, node, block, host, busy_from, busy_until in held:
        is_overrun = state in LIVE and busy_until <= now
        yield Commitment(
            reservation=code,
            project=project,
            unit=block or host,
            is_host=host is not None,
            node=node,
            busy_from=busy_from,
            busy_until=overrun_until if is_overrun else busy_until,
            host=host_of.get((code, node), ""),
        )


def _bound(name: str) -> Func:
    return Func(F("during"), function=name, output_field=DateTimeField())


def _quota(pool_code: str, project_slug: str) -> QuotaFacts:
    quota = Quota.objects.filter(pool__code=pool_code, project__slug=project_slug).first()
    if quota is None:
        return QuotaFacts(project=project_slug)
    return QuotaFacts(project=project_slug, accelerators_max=quota.accelerators_max, mig_only=quota.is_mig_only)
