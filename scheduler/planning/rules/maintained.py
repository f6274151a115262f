"""What is in maintenance in the padded window, and until when: said of every refusal that it is a reason for. Pure."""

from collections.abc import Iterable

from scheduler.planning.case import Case
from scheduler.planning.sentences import in_utc
from scheduler.planning.stays import to_moment


def kept_back(case: Case, mask: int) -> str:
    """A sentence about those of the units that are, with a blank before it; nothing where none is."""
    kept, until = 0, case.busy_from
    for stay in case.index.timeline.maintenances(case.busy_from, case.busy_until):
        mine = stay.mask & mask
        kept |= mine
        until = to_moment(stay.end) if mine else until
    count = kept.bit_count()
    return f" {count:,} {'is' if count == 1 else 'are'} in maintenance until {in_utc(until)}." if count else ""


def of_class(case: Case, code: str) -> int:
    """Every device of it, in whatever condition."""
    return _union(mask for (name, _), mask in case.index.class_masks.items() if name == code)


def of_blocks(case: Case, codes: Iterable[str]) -> int:
    return _union(1 << case.index.bit_of[False, code] for code in codes if (False, code) in case.index.bit_of)


def of_hosts(case: Case) -> int:
    return (1 << len(case.index.hosts)) - 1


def _union(masks: Iterable[int]) -> int:
    whole = 0
    for mask in masks:
        whole |= mask
    return whole
