"""One unsafe call under one key: the first one runs, the same one again gets the same answer, another one is refused.

The row is written first and committed by itself. What the call changes marks it in the same transaction, and a
reservation names it: so whoever comes after a call that died finds what it had committed. One that died before that is
run again once its lock is over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from psycopg.types.json import Jsonb

from scheduler import limits
from scheduler.inserting import insert_unless_there
from scheduler.models import IdempotencyKey, Reservation

LOCK_SECONDS = 60  # longer than the longest service call: COMMIT_TRIES_MAX times the wait for locks
ANSWER_SECONDS = 5  # in which a call that lives has answered after it began, if it has committed

_FINISH = """
UPDATE scheduler_idempotencykey SET status = %s, answer = %s, headers = %s WHERE id = %s AND status = ANY(%s)
"""


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
    """Ours to run, unless an earlier run that died without an answer had committed: then `reservation` is what it made,
    or `reference` the code of what it made or changed.
    """

    row: IdempotencyKey
    reservation: Reservation | None = None
    reference: str | None = None


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
    """Raises KeyReused, StillRunning. Not to be called inside a transaction: the row must be seen by others at once.

    What has committed is taken over sooner than what has not: it only needs to be answered.
    """
    row = _new(call, now)
    if insert_unless_there(row):
        return Begun(row)
    known = _rows(call).filter(created_at__gt=now - timedelta(hours=limits.IDEMPOTENCY_HOURS)).first()
    if known is None:
        return _anew(row, call, now)
    _require_same(known, call)
    return Answered(known) if known.is_answered else _again(known, now)


def finish(*, row: IdempotencyKey, status: int, answer: Any, headers: Mapping[str, str]) -> None:
    """Keep the answer for those who ask again; the first one kept stays."""
    kept = None if answer is None else Jsonb(answer)
    values: list[Any] = [status, kept, Jsonb(dict(headers)), row.pk, list(IdempotencyKey.UNANSWERED)]
    with connection.cursor() as cursor:  # not by the ORM, which takes longer to word it than it takes
        cursor.execute(_FINISH, values)


def abandon(*, row: IdempotencyKey, now: datetime) -> None:
    """Nothing was decided (a fault of ours, or a busy pool): the same call may run again at once."""
    _unanswered(row).update(locked_until=now)


def _anew(row: IdempotencyKey, call: Call, now: datetime) -> Begun:
    """In the place of one whose time is over."""
    with transaction.atomic():
        _rows(call).filter(created_at__lte=now - timedelta(hours=limits.IDEMPOTENCY_HOURS)).delete()
        if not insert_unless_there(row):
            raise StillRunning(limits.POOL_BUSY_RETRY_SECONDS)
    return Begun(row)


def _again(known: IdempotencyKey, now: datetime) -> Begun | Answered:
    """Raises StillRunning while somebody may be at it."""
    with transaction.atomic():
        row = IdempotencyKey.objects.select_for_update(skip_locked=True).filter(id=known.pk).first()
        if row is None:
            raise StillRunning(limits.POOL_BUSY_RETRY_SECONDS)
        if row.is_answered:
            return Answered(row)
        made = Reservation.objects.filter(idempotency_key=row).first()
        is_committed = made is not None or row.status == IdempotencyKey.COMMITTED
        waits = timedelta(seconds=LOCK_SECONDS - ANSWER_SECONDS if is_committed else 0)
        if row.locked_until - waits > now:
            raise StillRunning(limits.POOL_BUSY_RETRY_SECONDS)
        row.locked_until = now + timedelta(seconds=LOCK_SECONDS)
        row.save(update_fields=["locked_until"])
    return Begun(row, made, row.answer["reference"] if row.answer is not None else None)


def _new(call: Call, now: datetime) -> IdempotencyKey:
    return IdempotencyKey(
        user_id=call.user_id,
        key=call.key,
        method=call.method,
        path=call.path,
        body_sha256=call.body_sha256,
        locked_until=now + timedelta(seconds=LOCK_SECONDS),
        created_at=now,
    )


def _require_same(row: IdempotencyKey, call: Call) -> None:
    if (row.method, row.path, row.body_sha256) != (call.method, call.path, call.body_sha256):
        raise KeyReused("The key was used for another call.")


def _rows(call: Call) -> QuerySet[IdempotencyKey]:
    return IdempotencyKey.objects.filter(user_id=call.user_id, key=call.key)


def _unanswered(row: IdempotencyKey) -> QuerySet[IdempotencyKey]:
    return IdempotencyKey.objects.filter(id=row.pk, status__in=IdempotencyKey.UNANSWERED)
