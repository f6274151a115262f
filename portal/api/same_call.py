"""Wait for the answer to the same call, which another request is making at this moment, without holding a thread.

Programs send a call again before it was answered: together, or when a connection broke. Whoever comes second is told
409 by the view, and looks again for some seconds before the caller is told so too. A server that cannot wait like this,
such as one that speaks WSGI, leaves it to the caller.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from django.http import HttpResponseBase

WAIT_SECONDS = 8.0  # longer than after how many seconds a call that committed is answered by another
ANOTHER_LOOK = "heddle.is_another_look"  # in the scope: counted and measured the first time
PAUSE_SECONDS = 0.03  # the first one; each is half as long again
PAUSE_SECONDS_MAX = 1.0
Answer = TypeVar("Answer", bound=HttpResponseBase)


async def until_answered(look: Callable[[bool], Awaitable[Answer]]) -> Answer:
    """`look` makes the call; it is told whether it has done so before for this caller."""
    answer = await look(False)
    for pause in _pauses():
        if not getattr(answer, "is_still_running", False):
            break
        await asyncio.sleep(pause)
        answer = await look(True)
    return answer


def _pauses() -> Iterator[float]:
    left, pause = WAIT_SECONDS, PAUSE_SECONDS
    while left > 0:
        yield pause
        left, pause = left - pause, min(pause * 1.5, PAUSE_SECONDS_MAX)
