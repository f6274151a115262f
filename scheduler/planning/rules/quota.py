"""QUOTA_DEVICES, QUOTA_HOURS, PRIORITY_LIMIT.

What the project holds on this pool at the worst instant of the window, and this, within its ceilings; and what it is
charged in the worst of their periods. What begins very soon may go beyond both, where the project may take what is
idle. A project may also be allowed no accelerators but slices of them.
"""

import math
from collections.abc import Callable, Iterator

from scheduler.planning.case import Ask, Case
from scheduler.planning.hours import HourSum, Period
from scheduler.planning.quota import Holding, holdings, hours, is_near_term, largest
from scheduler.planning.rules.base import whole
from scheduler.refusals import Refusal, RefusalCode
from scheduler.states import IN_ORDER

BY = "operator"
CENTS = 100
_WHEN = {
    Period.MONTH: "in the month from {0.begins_at:%Y-%m-%d %H:%M} UTC",
    Period.DAYS_7: "in the 7 days until {0.ends_at:%Y-%m-%d %H:%M} UTC",
    Period.DAYS_30: "in the 30 days until {0.ends_at:%Y-%m-%d %H:%M} UTC",
}
_EVERY = {Period.MONTH: "in a month", Period.DAYS_7: "in any 7 days", Period.DAYS_30: "in any 30 days"}


def devices(case: Case) -> Iterator[Refusal]:
    if _is_exempt(case):
        return
    for holding in holdings(case):
        if holding.is_over:
            yield Refusal(
                code=RefusalCode.QUOTA_DEVICES,
                field=holding.field,
                message=_words(case, holding),
                need=holding.held + holding.asked,
                have=holding.ceiling,
                unit="devices",
                overridable_by=BY,
            )


def device_hours(case: Case) -> Iterator[Refusal]:
    if _is_exempt(case):
        return
    for one in hours(case):
        if one.is_over:
            need = whole(math.ceil(one.hours * CENTS) / CENTS)
            yield Refusal(
                code=RefusalCode.QUOTA_HOURS,
                field=largest(case, one.limit),
                message=_of_hours(case, one, need),
                need=need,
                have=one.most,
                unit="hours",
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


def priority(case: Case) -> Iterator[Refusal]:
    most = case.index.snapshot.quota.priority_max
    if IN_ORDER.index(case.priority) < IN_ORDER.index(most):
        message = f"{case.project} may book with priority {most} at most, not {case.priority}."
        yield Refusal(RefusalCode.PRIORITY_LIMIT, "priority", message, overridable_by=BY)


def _is_exempt(case: Case) -> bool:
    return is_near_term(quota=case.index.snapshot.quota, begins_at=case.charged_from, now=case.now)


def _is_accelerator(case: Case, ask: Ask) -> bool:
    return any(case.topology.classes[code].is_accelerator for code in ask.classes if code in case.topology.classes)


def _words(case: Case, holding: Holding) -> str:
    what = of_what(holding.device_class, holding.kind, case.name)
    held = f" and holds {holding.held:,} in that time" if holding.held else ""
    return f"{case.project} may hold {holding.ceiling:,} {what} at once{held}; {holding.asked:,} more are asked for."


def _of_hours(case: Case, one: HourSum, need: float) -> str:
    what = of_what(one.limit.device_class, one.limit.kind, case.name)
    if one.period == Period.AHEAD:
        allowed = f"{case.project} may have {one.most:,} hours of {what} booked that have not begun"
        return f"{allowed}; with this it would have {need:,}."
    allowed = f"{case.project} may use {one.most:,} hours of {what} {_EVERY[one.period]}"
    return f"{allowed}; with this it would be {need:,} {when(one)}."


def when(one: HourSum) -> str:
    """Not of what is booked ahead, which has no period."""
    return _WHEN[one.period].format(one)


def of_what(device_class: str, kind: str, name: Callable[[str], str]) -> str:
    if device_class:
        return name(device_class)
    return f"devices of kind {kind}" if kind else "accelerators"
