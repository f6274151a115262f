"""QUOTA_DEVICES.

What the project holds on this pool at the worst instant of the window, and this, within its ceiling. A project may also
be allowed no accelerators but slices of them.
"""

from collections.abc import Iterator

from scheduler.planning.case import Ask, Case
from scheduler.planning.quota import Holding, holdings
from scheduler.refusals import Refusal, RefusalCode

BY = "operator"


def devices(case: Case) -> Iterator[Refusal]:
    for holding in holdings(case):
        if holding.held + holding.asked > holding.ceiling:
            yield Refusal(
                code=RefusalCode.QUOTA_DEVICES,
                field=holding.field,
                message=_words(case, holding),
                need=holding.held + holding.asked,
                have=holding.ceiling,
                unit="devices",
                overridable_by=BY,
            )


def slices_only(case: Case) -> Iterator[Refusal]:
    """A project that may hold slices alone asks for whole accelerators: told of the line that asks for most."""
    if not case.index.snapshot.quota.mig_only:
        return
    asks = [ask for wish in case.wishes for ask in wish.asks if not ask.slices and _is_accelerator(case, ask)]
    if asks:
        yield Refusal(
            code=RefusalCode.QUOTA_DEVICES,
            field=max(asks, key=lambda ask: ask.count).field,
            message=f"{case.project} may only hold slices of accelerators; whole ones are asked for.",
            need=sum(ask.count for ask in asks),
            have=0,
            unit="devices",
            overridable_by=BY,
        )


def _is_accelerator(case: Case, ask: Ask) -> bool:
    return any(case.topology.classes[code].is_accelerator for code in ask.classes if code in case.topology.classes)


def _words(case: Case, holding: Holding) -> str:
    what = case.name(holding.device_class) if holding.device_class else "accelerators"
    held = f" and holds {holding.held:,} in that time" if holding.held else ""
    return f"{case.project} may hold {holding.ceiling:,} {what} at once{held}; {holding.asked:,} more are asked for."
