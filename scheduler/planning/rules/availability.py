"""R22 and R8 for a class as a whole.

Are there enough healthy devices, and are enough of them nobody's in the window.
"""

from collections.abc import Iterator
from math import inf

from fabric.topology import POOLABLE
from scheduler.planning.case import Case, Draft
from scheduler.planning.rules.base import plural
from scheduler.planning.rules.maintained import kept_back, of_blocks, of_class
from scheduler.refusals import Refusal, RefusalCode, Suggestion

REASONS = {
    "cloud_only": "is rented from its maker's cloud and is never in a pool",
    "vendor_internal": "is not sold and can never be booked",
    "whole_system": "can be booked only as a whole system, of which the pool has none",
    "network_attached": "is reached over the network and is not composed",
}


def not_poolable(case: Case) -> Iterator[Refusal]:
    """Classes whose name resolves but that this pool could never compose."""
    for code in case.totals:
        why = _poolability(case, code)
        if why is not None:
            message = f"{case.name(code)} {REASONS.get(why, 'cannot be composed in a pool')}."
            nearest = tuple(_nearest(case, code))
            yield Refusal(RefusalCode.NOT_POOLABLE, case.fields[code], message, suggestions=nearest)


def _poolability(case: Case, code: str) -> str | None:
    """Why the class is not poolable here; None where it is, or where the pool has some all the same."""
    if case.index.by_class.get(code):
        return None
    facts = case.topology.classes.get(code)
    if facts is not None and facts.poolability not in POOLABLE:
        return facts.poolability
    return case.index.snapshot.catalogue_only.get(code) if facts is None else None


def _nearest(case: Case, code: str) -> Iterator[Suggestion]:
    """The class of the pool that is most like it: of its kind, with no less memory, the least and then the cheapest.

    What is sold as a system is like an accelerator of any kind that runs programs.
    """
    facts, known = case.topology.classes.get(code), case.topology.unpoolable.get(code, {})
    kind = facts.kind if facts else known.get("kind")
    memory = (facts.memory_gib if facts else known.get("memory_gib")) or 0
    kinds = {"gpu", "xpu"} if kind == "system" else {kind}
    like = [
        one
        for one in case.topology.classes.values()
        if one.kind in kinds and (one.memory_gib or 0) >= float(memory) and _healthy(case, one.code)
    ]
    if like:
        best = min(like, key=lambda one: (one.memory_gib or 0, one.rate_usd_per_hour or inf, one.code))
        yield Suggestion("class", f"The nearest in the pool is {best.name}.", best.code)


def unavailable(case: Case) -> Iterator[Refusal]:
    """Fewer healthy devices than asked for, at any time; a class the pool has none of is the extreme of it."""
    for code, need in case.totals.items():
        have = _healthy(case, code)
        if _poolability(case, code) is None and have < need:
            message = f"The pool has {plural(have, 'usable device')} of {case.name(code)}; {need:,} are asked for."
            yield Refusal(RefusalCode.DEVICE_UNAVAILABLE, case.fields[code], message, need, have, "devices")


def busy(case: Case) -> Iterator[Refusal]:
    """Enough of them are healthy, but others have them in the padded window."""
    for code, need in case.totals.items():
        have = case.vacancy.count_all(code)
        if have < need <= _healthy(case, code):
            message = (
                f"{need:,} × {case.name(code)} are asked for; {have:,} are free for the whole window, "
                f"set-up and clean-up included.{kept_back(case, of_class(case, code))}"
            )
            yield Refusal(RefusalCode.DEVICE_BUSY, case.fields[code], message, need, have, "devices")


def _healthy(case: Case, code: str) -> int:
    return case.index.layout.healthy[code]


def planned_unavailable(case: Case, draft: Draft) -> Iterator[Refusal]:
    """For a plan made earlier: blocks of it that have become unusable since."""
    yield from _gone(case, draft, busy_ones=False)


def planned_busy(case: Case, draft: Draft) -> Iterator[Refusal]:
    """For a plan made earlier: blocks of it that somebody else has taken since."""
    yield from _gone(case, draft, busy_ones=True)


def _gone(case: Case, draft: Draft, *, busy_ones: bool) -> Iterator[Refusal]:
    code = RefusalCode.DEVICE_BUSY if busy_ones else RefusalCode.DEVICE_UNAVAILABLE
    words = "taken by somebody else" if busy_ones else "out of service"
    for placed in draft:
        for name, need in placed.wish.need.items():
            mine = [block for block in placed.blocks if block.device_class == name]
            have = sum(not _is_taken(case, block.code) if busy_ones else block.is_usable for block in mine)
            if have < need:
                message = f"Of {need:,} × {case.name(name)} planned, {need - have:,} are {words} now."
                message += kept_back(case, of_blocks(case, (block.code for block in mine))) if busy_ones else ""
                yield Refusal(code, placed.wish.fields.get(name, placed.wish.field), message, need, have, "devices")


def _is_taken(case: Case, unit: str) -> bool:
    return case.index.timeline.is_busy(unit, case.busy_from, case.busy_until)
