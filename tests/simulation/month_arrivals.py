"""Who asks for what in the month: drawn with a seed from a sample of a real trace of GPU jobs. Pure.

A job's tenant is its project, its GPUs are spread over nodes, and crc32 of tenant and row says which class they are of.
All durations are stretched by one factor, then held to the pool's bounds, so that the host-hours asked for are
`LOAD` times what the pool has in the month.
"""

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from zlib import crc32

SAMPLE = Path(__file__).parent / "data" / "philly-sample.csv"
HOSTS, DAYS, LOAD = 16, 30, 1.2
HOURS_MIN, HOURS_MAX = 1.0, 336.0  # the pool's bounds
SLOT = timedelta(minutes=15)
AHEAD_HOURS_MAX = 72
SMALL = (
    "nvidia-l40s-48gb", "nvidia-l40s-48gb", "nvidia-rtx-pro-6000-server-96gb", "nvidia-a100-pcie-80gb",
    "intel-gaudi3-pcie",
)  # fmt: skip
LARGE = ("nvidia-h100-nvl-94gb", "nvidia-h200-nvl-141gb", "nvidia-l40s-48gb", "nvidia-rtx-pro-6000-server-96gb")
NODES = {1: 1, 2: 1, 4: 1, 8: 2, 12: 2, 16: 2, 24: 4, 32: 4}  # of a job with so many GPUs
SERIES_EVERY = 10  # one in so many jobs of one node
_PRIORITIES = ("production", *("normal",) * 6, *("low",) * 3)


class Shape(StrEnum):
    """What its people make of a job."""

    PLAIN = "plain"
    SERIES = "series"  # the same hours, in several windows
    ROLES = "roles"  # prefill and decode, which may be cut anew
    ELASTIC = "elastic"  # by day two nodes more; all but one may be given back


_OF_MANY_NODES = (Shape.ROLES, Shape.ROLES, Shape.ELASTIC, Shape.ELASTIC, Shape.PLAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """`begins_in` None: now. `fate` is what its people will do, drawn when it arrives."""

    number: int
    at: datetime
    project: str
    device_class: str
    nodes: int
    each: int  # devices on every node
    duration: timedelta
    begins_in: timedelta | None
    priority: str
    shape: Shape
    fate: float

    @property
    def host_hours(self) -> float:
        return self.nodes * self.duration / timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Job:
    row: int
    hours: float
    gpus: int
    vc: str


def arrivals(*, seed: int, number: int, begin: datetime) -> tuple[Arrival, ...]:
    """In the order of time."""
    rng = random.Random(seed)
    sample = jobs_of_sample()
    jobs = [sample[row] for row in sorted(rng.choices(range(len(sample)), k=number))]
    factor = _stretch(jobs)
    moments = sorted(rng.random() * DAYS for _ in jobs)
    return tuple(
        _arrival(rng, nth, job, begin + timedelta(days=day), factor)
        for nth, (day, job) in enumerate(zip(moments, rng.sample(jobs, len(jobs)), strict=True))
    )


def jobs_of_sample() -> Sequence[_Job]:
    with SAMPLE.open() as lines:
        rows = list(csv.reader(line for line in lines if not line.startswith("#")))[1:]
    return [_Job(nth, int(seconds) / 3600, int(gpus), vc) for nth, (seconds, gpus, vc) in enumerate(rows)]


def _stretch(jobs: Sequence[_Job]) -> float:
    """By halving: more never makes fewer hours."""
    wanted, low, high = LOAD * HOSTS * DAYS * 24, 0.001, 1e6
    for _ in range(100):
        middle = (low * high) ** 0.5
        hours = sum(NODES[job.gpus] * _held(job.hours * middle) for job in jobs)
        low, high = (middle, high) if hours < wanted else (low, middle)
    return low


def _held(hours: float) -> float:
    return min(max(hours, HOURS_MIN), HOURS_MAX)


def _arrival(rng: random.Random, number: int, job: _Job, at: datetime, factor: float) -> Arrival:
    drawn = crc32(f"{job.vc}/{job.row}".encode())
    nodes = NODES[job.gpus]
    classes = SMALL if job.gpus == 1 else LARGE
    slots = max(round(timedelta(hours=_held(job.hours * factor)) / SLOT), HOURS_MIN * 4)
    is_now = rng.random() < 0.4
    ahead = timedelta(hours=1) + rng.randrange(AHEAD_HOURS_MAX * 4) * SLOT
    return Arrival(
        number=number,
        at=at.replace(second=0, microsecond=0),
        project=f"team-{_tenant(job, drawn)}",
        device_class=classes[drawn % len(classes)],
        nodes=nodes,
        each=job.gpus // nodes,
        duration=slots * SLOT,
        begins_in=None if is_now else ahead,
        priority=_PRIORITIES[drawn // 16 % len(_PRIORITIES)],
        shape=_shape(rng, nodes),
        fate=rng.random(),
    )


def _shape(rng: random.Random, nodes: int) -> Shape:
    if nodes > 1:
        return rng.choice(_OF_MANY_NODES)
    return Shape.PLAIN if rng.randrange(SERIES_EVERY) else Shape.SERIES


def _tenant(job: _Job, drawn: int) -> str:
    """The largest tenant is as large as the next two: half of it is the twelfth, of which the trace has three jobs."""
    return "v12" if job.vc == "v2" and drawn % 2 else job.vc
