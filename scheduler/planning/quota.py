"""Devices at once: what a project holds on a pool, what it asks for, and its ceiling. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from scheduler.planning.case import Case


@dataclass(frozen=True, slots=True)
class Holding:
    """`held` at the worst instant of the padded window; `device_class` empty means accelerators of every kind."""

    device_class: str
    field: str
    held: int
    asked: int
    ceiling: int


def holdings(case: Case) -> Iterator[Holding]:
    """Only ceilings that this request adds to: a request for drives alone is no matter of the accelerators' quota."""
    quota, timeline = case.index.snapshot.quota, case.index.timeline
    asked = sum(wish.accelerators for wish in case.wishes)
    if quota.accelerators_max is not None and asked:
        held = timeline.accelerators_of(case.project, case.busy_from, case.busy_until)
        yield Holding("", _first_accelerator(case), held, asked, quota.accelerators_max)
    for code, ceiling in sorted(quota.per_class_max.items()):
        if case.totals.get(code):
            held = timeline.devices_of(case.project, code, case.busy_from, case.busy_until)
            yield Holding(code, case.fields.get(code, "mix"), held, case.totals[code], ceiling)


def _first_accelerator(case: Case) -> str:
    """The line that asks for most accelerators: the one to make smaller."""
    classes = case.topology.classes
    counts = {code: count for code, count in case.totals.items() if code in classes and classes[code].is_accelerator}
    return case.fields.get(max(counts, key=lambda code: (counts[code], code)), "mix")
