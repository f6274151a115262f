"""Cards are cut and capped by their fabric: where it cannot, a mix that needs it is refused before anything is booked.

The standard composition service has no word for a MIG layout or a power limit (`can_configure` of its driver).
"""

from collections.abc import Iterator

from scheduler.planning.case import Ask, Case
from scheduler.refusals import Refusal, RefusalCode


def is_unsettable(case: Case, ask: Ask) -> bool:
    """Whether it wants cards set, and no fabric that wires any card of its classes can do that."""
    if not ask.slices and ask.power_cap_w is None:
        return False
    stock = [block for code in ask.classes for block in case.topology.stock.get(code, ())]
    return bool(stock) and not any(block.is_settable for block in stock)


def unsettable(case: Case) -> Iterator[Refusal]:
    told = set()
    for wish in case.wishes:
        for ask in wish.asks:
            if ask.field not in told and is_unsettable(case, ask):
                told.add(ask.field)
                yield _refusal(case, ask)


def _refusal(case: Case, ask: Ask) -> Refusal:
    stock = [block for code in ask.classes for block in case.topology.stock.get(code, ())]
    zones = ", ".join(sorted({block.zone or block.host or "" for block in stock}))
    act = "cut cards" if ask.slices else "hold cards to a limit"
    code = RefusalCode.MIG_LAYOUT if ask.slices else RefusalCode.DEVICE_UNAVAILABLE
    message = (
        f"The fabric that wires {case.name(ask.classes[0])} here ({zones}) cannot {act}: its driver has no way to."
    )
    return Refusal(code, ask.field, message, ask.count, 0, "cards")
