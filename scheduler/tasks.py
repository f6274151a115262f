"""Thin Celery tasks: fetch by id, call one service. A message is a hint that may be lost, doubled or late."""

import os
import socket
import threading
import time
from datetime import UTC, datetime

from celery import shared_task

from scheduler.services._pulse import Pulse
from scheduler.services.advance_due import advance_due
from scheduler.services.run_operation import run_operation as run


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
