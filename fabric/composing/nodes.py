"""The executor on the rows of the database: its doors for the scheduler."""

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict, Unpack

from fabric.composing import resizing, run
from fabric.composing.books import Step
from fabric.composing.errand import Run
from fabric.composing.ledger import Ledger
from fabric.composing.results import NodeResult
from fabric.drivers.base import Driver
from fabric.drivers.tracing import caused_by
from fabric.models import Composition, Resize


class _Required(TypedDict):
    driver: Driver
    attempt: int
    fence: int
    clock: Callable[[], datetime]
    wait: Callable[[float], None]
    is_current: Callable[[], bool]
    on_step: Callable[[Step], None]


class Work(_Required, total=False):
    """`is_current` is asked before every call of the driver and inside every write; `on_step` is called inside the
    transaction of every change of a step's row. The rest as of `errand.Run`.
    """

    request_id: str
    drain_seconds: float


def compose_node(*, composition: Composition, **work: Unpack[Work]) -> NodeResult:
    """`run.compose` of this composition."""
    with caused_by(work.get("request_id", "")):
        return run.compose(_run(composition, work))


def release_node(*, composition: Composition, **work: Unpack[Work]) -> NodeResult:
    """`run.release` of this composition."""
    with caused_by(work.get("request_id", "")):
        return run.release(_run(composition, work))


def resize_node(*, composition: Composition, resize: Resize, **work: Unpack[Work]) -> NodeResult:
    """`resizing.resize` of this composition."""
    with caused_by(work.get("request_id", "")):
        return resizing.resize(_run(composition, work, resize))


def _run(composition: Composition, work: Work, resize: Resize | None = None) -> Run:
    return Run(
        books=Ledger(composition=composition, is_current=work["is_current"], on_step=work["on_step"], resize=resize),
        driver=work["driver"],
        attempt=work["attempt"],
        fence=work["fence"],
        clock=work["clock"],
        wait=work["wait"],
        request_id=work.get("request_id", ""),
        drain_seconds=work.get("drain_seconds", 0.0),
    )
