"""R22 and R8 for a line that accepts several classes: enough of all it matches, and enough that are nobody's. Pure."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain, combinations, islice

from scheduler.planning.case import Ask, Case
from scheduler.planning.rules.base import plural
from scheduler.planning.rules.maintained import kept_back, of_blocks
from scheduler.refusals import Refusal, RefusalCode

CROWDS_MAX = 300  # sets of lines that are looked at, the smallest first


def refusals(case: Case) -> Iterator[Refusal]:
    """Counted over all nodes of the group, each line alone: what it matches may be wanted by another line too."""
    counts: dict[str, int] = {}
    asks: dict[str, Ask] = {}
    for wish in case.wishes:
        for ask in wish.asks:
            counts[ask.field] = counts.get(ask.field, 0) + ask.count
            asks[ask.field] = ask
    for field, need in counts.items():
        yield from _short(case, asks[field], need)


def crowded(case: Case) -> Iterator[Refusal]:
    """Lines that have enough each, but that match the same devices: the fewest that are short together."""
    asks = {ask.field: ask for wish in case.wishes for ask in wish.asks}
    counts = Counter[str]()
    for ask in (ask for wish in case.wishes for ask in wish.asks):
        counts[ask.field] += ask.count
    free = {field: {b.code for c in ask.classes for b in case.free[c] if ask.accepts(b)} for field, ask in asks.items()}
    crowds = chain.from_iterable(combinations(asks, size) for size in range(1, len(asks) + 1))
    for fields in islice(crowds, CROWDS_MAX):
        need, have = sum(counts[field] for field in fields), len(set().union(*(free[field] for field in fields)))
        if have < need:
            message = f"{need:,} devices are asked for by lines that match the same {have:,} free ones."
            yield Refusal(RefusalCode.DEVICE_BUSY, fields[0], message, need, have, "devices")
            return


def _short(case: Case, ask: Ask, need: int) -> Iterator[Refusal]:
    matching = [b for code in ask.classes for b in case.index.by_class.get(code, ()) if ask.accepts(b) and b.is_usable]
    if len(matching) < need:
        message = (
            f"The pool has {plural(len(matching), 'usable device')} that this line matches; {need:,} are asked for."
        )
        yield Refusal(RefusalCode.DEVICE_UNAVAILABLE, ask.field, message, need, len(matching), "devices")
        return
    free = sum(ask.accepts(block) for code in ask.classes for block in case.free[code])
    if free < need:
        message = (
            f"{need:,} devices that this line matches are asked for; {free:,} are free for the whole window, "
            f"set-up and clean-up included.{kept_back(case, of_blocks(case, (block.code for block in matching)))}"
        )
        yield Refusal(RefusalCode.DEVICE_BUSY, ask.field, message, need, free, "devices")
