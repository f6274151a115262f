"""When a message that was not taken is tried again. Pure: chance is an argument.

The waits add up to less than WEBHOOK_HOURS_MAX; each is cut by up to a fifth, so that addresses which failed together
do not come back together.
"""

from datetime import timedelta

WAITS: tuple[timedelta, ...] = (  # after the first try, the second, …
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=8),
)
TRIES_MAX = len(WAITS) + 1
TRIES_IN_TURN = 5  # until then later messages wait behind it; after a quarter of an hour it steps aside for them
JITTER = 0.2


def wait_after(*, tries: int, chance: float) -> timedelta | None:
    """How long until the next try, after so many; None when there is none any more. `chance` is in [0, 1)."""
    return WAITS[tries - 1] * (1 - JITTER * chance) if tries <= len(WAITS) else None
