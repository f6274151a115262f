"""So many calls in so many seconds. Pure: settings are read with it."""

import re
from dataclasses import dataclass

COUNT_MAX = 1_000_000  # more than a million in a second is no limit
UNITS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}
MICROSECONDS = 1_000_000
_SHAPE = re.compile(rf"([1-9]\d{{0,6}})/(\d{{0,4}})({'|'.join(UNITS)})", re.ASCII)
_OFF = frozenset({"", "off", "none", "0"})


@dataclass(frozen=True, slots=True)
class Rate:
    count: int
    seconds: int

    @property
    def window(self) -> int:
        """Microseconds in which an empty bucket is full again."""
        return self.seconds * MICROSECONDS

    @property
    def interval(self) -> int:
        """Microseconds in which one more call is allowed."""
        return max(1, self.window // self.count)

    def __str__(self) -> str:
        named = next((unit for unit, seconds in UNITS.items() if seconds == self.seconds), "")
        return f"{self.count}/{named or f'{self.seconds}s'}"


def rate_of(text: str) -> Rate | None:
    """`600/min`, `10/15min`, `5/s`; `off` is none. Raises ValueError for anything else."""
    cleaned = text.strip().lower()
    if cleaned in _OFF:
        return None
    found = _SHAPE.fullmatch(cleaned)
    if found is None or int(found[1]) > COUNT_MAX or found[2] == "0":
        raise ValueError(f"“{text}” is no rate; give one such as 600/min or 10/15min, or off")
    return Rate(int(found[1]), int(found[2] or 1) * UNITS[found[3]])
