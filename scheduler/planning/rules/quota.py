"""QUOTA_DEVICES.

What the project holds on this pool at the worst instant of the window, and this, within its ceiling.
"""

from collections.abc import Iterator

from scheduler.planning.case import Case
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


def _words(case: Case, holding: Holding) -> str:
    what = case.name(holding.device_class) if holding.device_class else "accelerators"
    held = f" and holds {holding.held:,} in that time" if holding.held else ""
    return f"{case.project} may hold {holding.ceiling:,} {what} at once{held}; {holding.asked:,} more are asked for."
