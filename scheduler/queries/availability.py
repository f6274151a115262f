"""What is free of a pool over time, read from the same snapshot that decisions are made on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.planning.availability import Availability, availability
from scheduler.planning.index import PoolIndex
from scheduler.queries.snapshots import snapshot

NO_PROJECT = ""  # what is free does not depend on who asks


@dataclass(frozen=True, slots=True)
class PoolAvailability:
    generation: int
    free: Availability


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
