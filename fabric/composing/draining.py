"""Work on devices that are to go: its grace to stop, and the force that ends it. Pure."""

from collections.abc import Collection
from datetime import timedelta

from fabric.composing.books import Changes, Step
from fabric.composing.errand import Errand, Silent
from fabric.composing.intent import Outcome
from fabric.composing.patience import ask
from fabric.drivers.base import BlockLine, BlockOutcome

PAUSE_SECONDS = 5.0  # between two looks


def drain(errand: Errand, step: Step) -> Outcome:
    """Wait until nothing runs on its devices, or the grace is over, which counts from the intent; says what it ends.

    Done either way: what still runs then is forced by the decompose.
    """
    busy = wait_until_idle(errand, step, errand.target.blocks)
    lines = [
        BlockLine(
            block=code,
            outcome=BlockOutcome.NOT_DONE if code in busy else BlockOutcome.DONE,
            reason="Still in use when its grace was over." if code in busy else "",
        )
        for code in errand.target.blocks
    ]
    seconds = f"{errand.run.drain_seconds:.0f} s"
    message = f"Still in use after {seconds}, forced: {', '.join(sorted(busy))}." if busy else "Nothing runs on it."
    return Outcome(is_done=True, lines=lines, message=message, changes=Changes(at=errand.clock()))


def wait_until_idle(errand: Errand, step: Step, codes: Collection[str]) -> frozenset[str]:
    """What of these blocks is in use when the grace is over; nothing as soon as none is."""
    until = step.started_at + timedelta(seconds=errand.run.drain_seconds)
    while (busy := _in_use(errand) & frozenset(codes)) and errand.clock() < until:
        errand.wait(min(PAUSE_SECONDS, (until - errand.clock()).total_seconds()))
    return busy


def switched(errand: Errand, *, on: bool) -> bool:
    """Switch the host, which ends whatever runs on it; False where its fabric cannot."""
    try:
        ask(errand, lambda: errand.driver.power(host=errand.target.host, on=on))
    except Silent:
        return False
    return True


def _in_use(errand: Errand) -> frozenset[str]:
    return ask(errand, lambda: errand.driver.in_use(errand.target.tag))
