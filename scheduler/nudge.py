"""The only dispatch: hints to workers and browsers after a commit. Never raises, never matters for correctness.

The database knows what is due and what happened; a hint that is lost costs a second or two. When the broker does not
answer, a circuit breaker keeps the next calls from waiting for it.
"""

import json
import logging
import time
from collections.abc import Mapping
from functools import cache, partial
from threading import Lock

import redis
from celery import Task
from django.conf import settings
from django.db import transaction

from scheduler.models import JournalEntry

JOURNAL_CHANNEL = "heddle:journal"
BREAKER_SECONDS = 5.0
SOCKET_SECONDS = 0.5
HINT_SECONDS_MAX = 60  # older ones are thrown away: the sweep has sent others since
_log = logging.getLogger(__name__)


class Breaker:
    """Open for a while after a failure, so that a dead broker costs one time-out and not one per call."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._closed_at = 0.0

    def is_open(self) -> bool:
        return time.monotonic() < self._closed_at

    def trip(self) -> None:
        with self._lock:
            self._closed_at = time.monotonic() + BREAKER_SECONDS


_breaker = Breaker()


def announce(entry: JournalEntry) -> None:
    """Wake the live hubs of every web process: there is something new in the journal."""
    hint = {"id": entry.pk, "kind": entry.kind, "reference": entry.reference}
    _quietly(lambda: _valkey().publish(JOURNAL_CHANNEL, json.dumps(hint)), "announce")


def hint_operation(operation_id: int) -> None:
    """Tell the workers, after this transaction commits, that an operation is due. Beat finds it if this is lost."""
    transaction.on_commit(partial(_send_operation, operation_id), robust=True)


def hint_advance() -> None:
    """Tell the workers, after this transaction commits, that a reservation is due now."""
    transaction.on_commit(_send_advance, robust=True)


def hint_webhook(webhook_id: int) -> None:
    """Tell the workers, after this transaction commits, that something is to be sent. Beat does it if this is lost."""
    transaction.on_commit(partial(_send_webhook, webhook_id), robust=True)


def _send_operation(operation_id: int) -> None:
    from scheduler.tasks import run_operation

    _quietly(lambda: _publish(run_operation, {"operation_id": operation_id}), "hint")


def _send_webhook(webhook_id: int) -> None:
    from scheduler.tasks import send_webhook

    _quietly(lambda: _publish(send_webhook, {"webhook_id": webhook_id}), "hint")


def _send_advance() -> None:
    from scheduler.tasks import advance

    _quietly(lambda: _publish(advance, {}), "hint")


def _publish(task: Task, arguments: Mapping[str, int]) -> None:
    """A broker that is there but does not answer would hold Celery for its whole time-out, so ours is asked first."""
    _valkey().ping()
    task.apply_async(kwargs=dict(arguments), expires=HINT_SECONDS_MAX)


def _quietly(send: object, what: str) -> None:
    if _breaker.is_open():
        return
    try:
        send()  # type: ignore[operator]
    except Exception as error:
        _breaker.trip()
        _log.warning("%s lost: the broker does not answer (%s)", what, type(error).__name__)


@cache
def _valkey() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=SOCKET_SECONDS, socket_connect_timeout=SOCKET_SECONDS
    )
