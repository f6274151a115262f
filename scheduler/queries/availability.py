"""What is free of a pool over time, read from the same snapshot that decisions are made on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fabric.models import Pool
from fabric.topology import DeviceClassFacts
from scheduler.planning.availability import Availability, availability, class_masks, free_between
from scheduler.planning.index import PoolIndex
from scheduler.planning.next_free import next_free
from scheduler.planning.window import turnaround
from scheduler.queries.snapshots import snapshot

NO_PROJECT = ""  # what is free does not depend on who asks
HOSTS = ""  # stands for the hosts where something is told by device class


@dataclass(frozen=True, slots=True)
class PoolChoice:
    code: str
    name: str
    horizon_days: int
    time_zone: str


@dataclass(frozen=True, slots=True)
class PoolAvailability:
    generation: int
    free: Availability


@dataclass(frozen=True, slots=True)
class FreeNow:
    """`next_at` is the first instant at which one is, where none is now; None there: not before the horizon."""

    count: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """A pool's free counts between given instants, and what is free now. `now` is by class; `HOSTS` are the hosts."""

    free: Availability
    now: Mapping[str, FreeNow]
    facts: Mapping[str, DeviceClassFacts]


def pool_choices() -> tuple[PoolChoice, ...]:
    """By code. One query."""
    found = Pool.objects.order_by("code").values_list("code", "name", "policy__horizon_days", "time_zone")
    return tuple(PoolChoice(*row) for row in found)


def pool_availability(
    *,
    pool_code: str,
    begin: datetime,
    end: datetime,
    step: timedelta,
    hours: timedelta | None,
    zone: str | None,
    now: datetime,
) -> PoolAvailability:
    """Raises Pool.DoesNotExist."""
    seen = snapshot(pool_code=pool_code, project_slug=NO_PROJECT, now=now)
    found = availability(index=PoolIndex(seen), begin=begin, end=end, step=step, hours=hours, zone=zone)
    return PoolAvailability(seen.generation, found)


def pool_outlook(*, pool_code: str, edges: Sequence[datetime], hours: timedelta | None, now: datetime) -> Outlook:
    """Steps from edge to edge. What counts for the hours is clean again after them. Raises Pool.DoesNotExist."""
    index = PoolIndex(snapshot(pool_code=pool_code, project_slug=NO_PROJECT, now=now))
    classes, hosts = class_masks(index=index)
    return Outlook(
        free=free_between(index=index, edges=edges, hours=hours, with_clean_up=True),
        now={code: _free_now(index, code, mask, hours, now) for code, mask in [*classes.items(), (HOSTS, hosts)]},
        facts=index.topology.classes,
    )


def _free_now(index: PoolIndex, code: str, mask: int, hours: timedelta | None, now: datetime) -> FreeNow:
    lasting = timedelta(minutes=index.topology.policy.slot_minutes)
    if hours is not None:
        lasting = hours + turnaround(classes=[code], topology=index.topology).length
    count = (mask & index.usable & ~index.busy(now, now + lasting)).bit_count()
    if count:
        return FreeNow(count, None)
    until = now + timedelta(days=index.topology.policy.horizon_days)
    return FreeNow(0, next_free(index=index, mask=mask, at=now, lasting=lasting, until=until))
