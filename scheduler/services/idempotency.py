"""One unsafe call under one key: the first one runs, the same one again gets the same answer, another one is refused.

The row is written first and committed by itself. A call that died leaves it locked for a while; who comes after that
takes it over, and finds through `Reservation.idempotency_key` what the dead one had already committed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from scheduler import limits
from scheduler.models import IdempotencyKey, Reservation

LOCK_SECONDS = 60  # longer than the longest service call: COMMIT_TRIES_MAX times the wait for locks


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What makes a call the same call."""

    user_id: int
    key: str
    method: str
    path: str
    body_sha256: str


@dataclass(frozen=True, slots=True)
class Begun:
    """Ours to run. `reservation` is what an earlier run committed before it died without an answer."""

    row: IdempotencyKey
    reservation: Reservation | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """Run before: answer the same."""

    row: IdempotencyKey

    @property
    def status(self) -> int:
        return self.row.status


class KeyReused(Exception):
    """The key belongs to another call (422)."""


class StillRunning(Exception):
    """The same call has not answered yet (409)."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("The same call is still running.")
        self.retry_after_seconds = retry_after_seconds


def begin(*, call: Call, now: datetime) -> Begun | Answered:
    """Raises KeyReused, StillRunning. Not to be called inside a transaction: the row must be seen by others at once."""
    with transaction.atomic():
        _old(now).filter(user_id=call.user_id, key=call.key).delete()
        row, is_new = IdempotencyKey.objects.get_or_create(
            user_id=call.user_id,
            key=call.key,
            defaults={
                "method": call.method,
                "path": call.path,
                "body_sha256": call.body_sha256,
                "locked_until": now + timedelta(seconds=LOCK_SECONDS),
                "created_at": now,
            },
        )
        return Begun(row) if is_new else _again(row.pk, call, now)


def finish(*, row: IdempotencyKey, status: int, answer: Any, headers: Mapping[str, str]) -> None:
    """Keep the answer for those who ask again; the first one kept stays."""
    IdempotencyKey.objects.filter(id=row.id, status=0).update(status=status, answer=answer, headers=dict(headers))


def abandon(*, row: IdempotencyKey, now: datetime) -> None:
    """Nothing was decided (a fault of ours, or a busy pool): the same call may run again at once."""
    IdempotencyKey.objects.filter(id=row.id, status=0).update(locked_until=now)


def _again(row_id: int, call: Call, now: datetime) -> Begun | Answered:
    row = IdempotencyKey.objects.select_for_update(skip_locked=True).filter(id=row_id).first()
    if row is None:
        raise StillRunning(limits.POOL_BUSY_RETRY_SECONDS)
    if (row.method, row.path, row.body_sha256) != (call.method, call.path, call.body_sha256):
        raise KeyReused("The key was used for another call.")
    if row.status:
        return Answered(row)
    if row.locked_until > now:
        raise StillRunning(limits.POOL_BUSY_RETRY_SECONDS)
    row.locked_until = now + timedelta(seconds=LOCK_SECONDS)
    row.save(update_fields=["locked_until"])
    return Begun(row, Reservation.objects.filter(idempotency_key=row).first())


def _old(now: datetime) -> Any:
    return IdempotencyKey.objects.filter(created_at__lte=now - timedelta(hours=limits.IDEMPOTENCY_HOURS))
