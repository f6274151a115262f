"""Whether so much is asked for that no moving of others could make room: a proof by counting. Pure.

Whoever is moved keeps the number of devices of every class and of hosts, and the window. So at every instant as many
are taken as before, however all plans are changed.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from scheduler.planning.case import Case
from scheduler.planning.choices import choices, open_wishes
from scheduler.planning.index import PoolIndex
from scheduler.planning.turnarounds import padded
from scheduler.requests import ReservationRequest

_MICROSECOND = timedelta(microseconds=1)
_INSTANTS_MAX = 500  # that are counted at: any of them may prove it, and more would take longer than they are worth


Amount = tuple[int, int]  # so many are needed, and the mask of the units that would do


def amounts(*, request: ReservationRequest, index: PoolIndex) -> list[list[Amount]]:
    """Of every way to read the mix: each must be met, whatever is free and wherever it lies."""
    return [list(_amounts(index, case)) for case in _readings(request, index)]


def is_beyond_moves(*, request: ReservationRequest, index: PoolIndex) -> bool:
    """True is a proof, for every way to read the mix; False says nothing."""
    return all(_is_short(request, index, case) for case in _readings(request, index))


def _readings(request: ReservationRequest, index: PoolIndex) -> Iterator[Case]:
    for choice in choices(request.mix, index.topology):
        wishes = open_wishes(choice, index.topology)
        if wishes:  # else a selector matches nothing, which no move changes
            busy = padded(request=request, index=index)
            yield Case(wishes=wishes, window=request.window, project=request.project, index=index, busy=busy)


def _is_short(request: ReservationRequest, index: PoolIndex, case: Case) -> bool:
    """At some instant more than the usable units of some classes would be taken."""
    needed = list(_amounts(index, case))
    begins = index.timeline.begins_in(case.busy_from, case.busy_until)
    for at in (case.busy_from, *begins[:_INSTANTS_MAX]):
        busy = index.timeline.busy(at, at + _MICROSECOND)
        if any(need > (mask & ~busy).bit_count() for need, mask in needed):
            return True
    return False


def _amounts(index: PoolIndex, case: Case) -> Iterator[Amount]:
    """How many of which usable units: of each set of classes that a line accepts, and hosts."""
    asks = [ask for wish in case.wishes for ask in wish.asks]
    for classes in {frozenset(ask.classes) for ask in asks}:
        yield sum(ask.count for ask in asks if classes.issuperset(ask.classes)), _of_classes(index, list(classes))
    yield len(case.wishes), _of_hosts(index)


def _of_classes(index: PoolIndex, classes: Sequence[str]) -> int:
    mask = 0
    for (code, _), units in index.class_masks.items():
        mask |= units if code in classes else 0
    return mask & index.usable


def _of_hosts(index: PoolIndex) -> int:
    mask = 0
    for units in index.host_masks.values():
        mask |= units
    return mask & index.usable
