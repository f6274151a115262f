"""Turns at changing a fabric: real control planes refuse or lose edits made side by side. Pure.

The queue is the books'; first come, first served, so that nobody is starved. A turn is held for one step.
"""

from collections.abc import Iterator, Set
from contextlib import contextmanager
from datetime import timedelta

from fabric.composing.books import NotReady, Turned
from fabric.composing.errand import Errand, Silent
from fabric.drivers.base import ContractBroken
from fabric.states import CompositionState, StepKind

MUTATIONS = frozenset({StepKind.CONFIGURE, StepKind.COMPOSE, StepKind.RESIZE, StepKind.DECOMPOSE, StepKind.CLEAN})
LEASE_SECONDS = 30.0  # how long the turn of a run that died is kept from others; its own composition takes it at once
WAIT_SECONDS_MAX = 120.0  # then the caller tries again later; the place is kept if it comes back within the lease
PAUSE_SECONDS = 1.0


@contextmanager
def turn(errand: Errand, kind: StepKind, *, only_in: Set[CompositionState]) -> Iterator[None]:
    """Wait for one where the step changes the fabric. Raises Silent after two minutes, Turned if there is no more need.

    It is returned where it is sure that nothing is under way; else it runs out.
    """
    if kind not in MUTATIONS:
        yield
        return
    _wait_for(errand, only_in)
    try:
        yield
    except (Turned, NotReady, ContractBroken):
        errand.books.return_turn()
        raise
    errand.require_current()
    errand.books.return_turn()


def keep(errand: Errand) -> bool:
    """Stand in the queue, or stay there; whether it is our turn. Also while it is held, between two polls."""
    now = errand.clock()
    until = now + timedelta(seconds=LEASE_SECONDS)
    return errand.books.take_turn(now=now, until=until, at_most=errand.capabilities.max_parallel_mutations)


def _wait_for(errand: Errand, only_in: Set[CompositionState]) -> None:
    deadline = errand.clock() + timedelta(seconds=WAIT_SECONDS_MAX)
    errand.require_current()
    while not keep(errand):
        if errand.clock() >= deadline:
            raise Silent("Others are changing the fabric; it waits for its turn.")
        errand.wait(PAUSE_SECONDS)
        errand.require_current()
        if errand.books.standing()[0] not in only_in:
            errand.books.return_turn()
            raise Turned
        if errand.books.is_paused():
            raise Silent("The fabric is paused by an operator.")
