"""When a letter that the mail server did not take is tried again. Pure: chance is an argument.

The waits add up to less than LETTER_HOURS_MAX; each is cut by up to a fifth, so that letters which failed together do
not come back together.
"""

from datetime import timedelta

WAITS: tuple[timedelta, ...] = (  # after the first try, the second, …
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=8),
)
JITTER = 0.2


def wait_after(*, tries: int, chance: float) -> timedelta | None:
    """How long until the next try, after so many; None when there is none any more. `chance` is in [0, 1)."""
    return WAITS[tries - 1] * (1 - JITTER * chance) if tries <= len(WAITS) else None
