"""Thin Celery tasks: fetch by id, call one service. A message is a hint that may be lost, doubled or late."""

import os
import socket
import threading
import time
from datetime import UTC, datetime

from celery import shared_task

from scheduler import limits
from scheduler.services._pulse import Pulse
from scheduler.services.advance_due import advance_due
from scheduler.services.run_operation import run_operation as run
from scheduler.services.webhooks_sending import send_due

_SENDERS = threading.BoundedSemaphore(limits.WEBHOOK_SENDERS_MAX)


def utc_now() -> datetime:
    return datetime.now(UTC)


def owner_name() -> str:
    """Who holds a lease, for the operator who reads the row."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


@shared_task(name="scheduler.run_operation", queue="fabric")
def run_operation(*, operation_id: int) -> None:
    run(operation_id=operation_id, owner=owner_name(), clock=utc_now, sleep=time.sleep, pulse=Pulse)


@shared_task(name="scheduler.advance", queue="default")
def advance() -> None:
    advance_due(now=utc_now())


@shared_task(name="scheduler.send_webhook", queue="notify")
def send_webhook(*, webhook_id: int) -> None:
    """Addresses may be slow: while enough threads wait for some, the hint is dropped. The beat gives it again."""
    if _SENDERS.acquire(blocking=False):
        try:
            send_due(webhook_id=webhook_id, clock=utc_now)
        finally:
            _SENDERS.release()
