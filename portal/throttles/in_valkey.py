"""Buckets that all processes of a site share: one atomic call to Valkey, by its own clock.

Where it does not answer, that is remembered: one caller in a while tries again, and the others lose no time.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from functools import cache
from threading import Lock
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

SOCKET_SECONDS = 0.1  # it answers in a fraction of a millisecond, or is not worth waiting for
SILENT_SECONDS = 5.0  # how long it is not asked again after it did not answer
PREFIX = "heddle:rate:"
_log = logging.getLogger(__name__)

TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local before, late, fits = {}, {}, true
for i, key in ipairs(KEYS) do
  local interval, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  before[i] = math.max(tonumber(redis.call('GET', key) or '0'), now)
  late[i] = math.max(0, before[i] + interval - now - window)
  fits = fits and late[i] == 0
end
local answer = {}
for i, key in ipairs(KEYS) do
  local interval, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local after = before[i]
  if fits then
    after = before[i] + interval
    redis.call('SET', key, string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000) + 1)
  end
  answer[3 * i - 2] = math.floor((window - after + now) / interval)
  answer[3 * i - 1] = after - now
  answer[3 * i] = late[i]
end
return answer
"""
PUT_BACK = """
for i, key in ipairs(KEYS) do
  local full_at = redis.call('GET', key)
  if full_at then
    redis.call('SET', key, string.format('%.0f', full_at - ARGV[2 * i - 1]), 'KEEPTTL')
  end
end
return {}
"""


def take(sizes: Mapping[str, tuple[int, int]]) -> Sequence[tuple[int, int, int]] | None:
    """As `in_memory.take`; None where Valkey does not answer."""
    told = _asked(TAKE, sizes)
    return None if told is None else list(zip(told[0::3], told[1::3], told[2::3], strict=True))


def put_back(sizes: Mapping[str, tuple[int, int]]) -> bool:
    """Whether it was heard."""
    return _asked(PUT_BACK, sizes) is not None


def listen_again() -> None:
    """Forget that it did not answer."""
    _silence.end()


class Silence:
    """Whether a server is known not to answer."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._until: float | None = None

    def is_kept(self) -> bool:
        """False too for the one caller who tries again when it has lasted for a while."""
        with self._lock:
            if self._until is None:
                return False
            now = time.monotonic()
            is_over = now >= self._until
            if is_over:
                self._until = now + SILENT_SECONDS
            return not is_over

    def begin(self) -> bool:
        """Whether it begins now."""
        with self._lock:
            is_new = self._until is None
            self._until = time.monotonic() + SILENT_SECONDS
            return is_new

    def end(self) -> None:
        with self._lock:
            self._until = None


_silence = Silence()


def _asked(script: str, sizes: Mapping[str, tuple[int, int]]) -> list[int] | None:
    if _silence.is_kept():
        return None
    keys, words = [PREFIX + owner for owner in sizes], [number for size in sizes.values() for number in size]
    try:
        answer: list[int] = _script(settings.REDIS_URL, script)(keys=keys, args=words)
    except redis.RedisError as error:
        if _silence.begin():
            _log.warning("rates are not counted: Valkey does not answer (%s)", type(error).__name__)
        return None
    _silence.end()
    return answer


@cache
def _script(url: str, text: str) -> Any:
    """A connection that was closed while nobody used it is made anew at once; nothing else is tried twice."""
    once_more = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
    valkey = redis.Redis.from_url(
        url, socket_timeout=SOCKET_SECONDS, socket_connect_timeout=SOCKET_SECONDS, retry=once_more
    )
    return valkey.register_script(text)
