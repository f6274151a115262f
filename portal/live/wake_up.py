"""The one subscription of a process: Valkey's hints ring a bell. Down or up, nothing depends on it but the delay."""

import asyncio
import logging

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from scheduler.nudge import JOURNAL_CHANNEL

CONNECT_SECONDS_MAX = 3
RETRY_SECONDS_MIN = 0.5
RETRY_SECONDS_MAX = 5.0
LISTEN_SECONDS = 10  # then the connection is asked whether it is alive
_log = logging.getLogger(__name__)


class Bell:
    """Rings may fall together: the listener looks once for all of them."""

    def __init__(self) -> None:
        self._ring = asyncio.Event()
        self.is_connected = False

    def ring(self) -> None:
        self._ring.set()

    async def rung(self) -> None:
        await self._ring.wait()
        self._ring.clear()


async def listen(*, url: str, bell: Bell) -> None:
    """Ring at every hint, for ever; connect again, more and more slowly, whenever the connection is lost."""
    pause = RETRY_SECONDS_MIN
    while True:
        try:
            await _hear(url, bell)
        except (redis.RedisError, OSError) as error:
            if bell.is_connected or pause == RETRY_SECONDS_MIN:
                _log.warning("live: no hints from Valkey (%s); looking by itself", type(error).__name__)
        pause = RETRY_SECONDS_MIN if bell.is_connected else min(pause * 2, RETRY_SECONDS_MAX)
        bell.is_connected = False
        await asyncio.sleep(pause)


async def _hear(url: str, bell: Bell) -> None:
    """Until the connection breaks. Raises RedisError or OSError."""
    client = redis.asyncio.Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECONDS_MAX,
        health_check_interval=LISTEN_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    async with client, client.pubsub() as hints:
        await hints.subscribe(JOURNAL_CHANNEL)
        while True:
            message = await hints.get_message(timeout=LISTEN_SECONDS)
            if message is not None:
                bell.is_connected = True  # the first message only confirms; what was missed until then is read now
                bell.ring()
