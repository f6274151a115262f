"""Take a call out of one or more buckets, or out of none of them.

The generic cell rate algorithm (ITU-T I.371): a bucket is one number, the moment at which it is full again. A call
moves it one interval on; where that would be more than a window ahead of now, the bucket is empty and the call does not
fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.throttles import in_memory, in_valkey
from portal.throttles.rates import MICROSECONDS, Rate


@dataclass(frozen=True, slots=True)
class Bucket:
    """`name` is what its owner is told it is; `owner` tells it from every other one, such as `token:17`."""

    name: str
    owner: str
    rate: Rate


@dataclass(frozen=True, slots=True)
class Level:
    """A bucket after the call, or, if the call did not fit, as it is."""

    bucket: Bucket
    remaining: int
    full_in: float  # seconds
    retry_in: float  # seconds until a call fits; 0 where this one did

    @property
    def is_empty(self) -> bool:
        return self.retry_in > 0


def take(buckets: Sequence[Bucket]) -> Sequence[Level] | None:
    """One call out of each, or, if one of them is empty, out of none. None where Valkey does not tell."""
    told = in_valkey.take(_sizes(buckets))
    return None if told is None else _levels(buckets, told)


def take_surely(buckets: Sequence[Bucket]) -> Sequence[Level]:
    """The same where it must never be unlimited: counted in this process while Valkey is away."""
    told = take(buckets)
    return _levels(buckets, in_memory.take(_sizes(buckets))) if told is None else told


def put_back(buckets: Sequence[Bucket]) -> None:
    """What was taken does not count after all."""
    if not in_valkey.put_back(_sizes(buckets)):
        in_memory.put_back(_sizes(buckets))


def _sizes(buckets: Sequence[Bucket]) -> dict[str, tuple[int, int]]:
    """Interval and window of each owner, in microseconds."""
    return {bucket.owner: (bucket.rate.interval, bucket.rate.window) for bucket in buckets}


def _levels(buckets: Sequence[Bucket], told: Sequence[tuple[int, int, int]]) -> Sequence[Level]:
    return [
        Level(bucket, remaining, full_in / MICROSECONDS, retry_in / MICROSECONDS)
        for bucket, (remaining, full_in, retry_in) in zip(buckets, told, strict=True)
    ]
