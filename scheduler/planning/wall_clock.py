"""Which instants a wall clock means: one, none in a time that is left out, two in one that comes twice. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Reading:
    """`first` and `second` differ where the clocks change; both are instants with their offsets."""

    first: datetime
    second: datetime

    @property
    def jump(self) -> timedelta:
        """How far the clocks go forward then; negative where they go back."""
        return _offset(self.second) - _offset(self.first)

    @property
    def is_gap(self) -> bool:
        return self.jump > timedelta()

    @property
    def is_fold(self) -> bool:
        return self.jump < timedelta()

    @property
    def after_gap(self) -> datetime:
        """What RFC 5545 takes for a time that is left out: by the offset before, as if the clocks had not jumped."""
        return self.first.astimezone(UTC)


def read_wall(wall: datetime, zone: ZoneInfo) -> Reading:
    """`wall` is naive."""
    return Reading(wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1))


def _offset(moment: datetime) -> timedelta:
    offset = moment.utcoffset()
    assert offset is not None, "a moment in a ZoneInfo has an offset"
    return offset
