"""Try a transaction again when a race was lost, a bounded number of times; then say that the pool is busy."""

import logging
import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, IntegrityError, OperationalError

from scheduler import limits
from scheduler.refusals import Refusal, RefusalCode, Refused

LOST_RACES = frozenset({"40001", "40P01", "23P01", "55P03"})  # serialization, deadlock, exclusion, lock not available
PAUSE_SECONDS = (0.02, 0.2)
Given = ParamSpec("Given")
Result = TypeVar("Result")
_log = logging.getLogger(__name__)


class Overtaken(Exception):
    """Somebody was faster, and what was planned no longer fits: nothing is written, plan again."""


def with_tries(act: Callable[[], Result]) -> Result:
    """Run `act`, which is one whole transaction. Raises Refused (POOL_BUSY) when every try lost its race.

    Who was overtaken was not kept waiting, and tries again at once.
    """
    for left in reversed(range(limits.COMMIT_TRIES_MAX)):
        try:
            return act()
        except Overtaken:
            _log.info("overtaken, %d tries left", left)
            continue
        except (OperationalError, IntegrityError) as error:
            if not is_lost_race(error):
                raise
            _log.info("lost a race (%s), %d tries left", _sqlstate(error), left)
        time.sleep(random.uniform(*PAUSE_SECONDS))
    raise Refused([_BUSY])


def tried(verb: Callable[Given, Result]) -> Callable[Given, Result]:
    """For a verb that is one transaction and reads its rows anew: run it `with_tries`."""

    @wraps(verb)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        return with_tries(lambda: verb(*args, **kwargs))

    return run


def is_lost_race(error: Exception) -> bool:
    """Whether somebody else was faster or holds the lock: the same act may well succeed a moment later."""
    return isinstance(error, DatabaseError) and _sqlstate(error) in LOST_RACES


def _sqlstate(error: Exception) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


_BUSY = Refusal(
    code=RefusalCode.POOL_BUSY,
    field="pool",
    message="Many people are booking this pool at this moment. Nothing was stored; try again in a second.",
)
