"""BUDGET: what a project has booked for a month, and this, within its money for that month."""

from collections.abc import Iterator
from decimal import Decimal

from scheduler.planning.budget import Spending, spending, spending_at
from scheduler.planning.case import Case
from scheduler.refusals import Refusal, RefusalCode

BY = "operator"


def budget(case: Case) -> Iterator[Refusal]:
    return _refused(case, spending(case))


def budget_at(case: Case, usd: Decimal) -> Iterator[Refusal]:
    """Of what keeps the price it was booked at."""
    return _refused(case, spending_at(case, usd))


def _refused(case: Case, found: Spending | None) -> Iterator[Refusal]:
    if found is None or not found.is_over:
        return
    left = max(found.budget - found.spent, found.budget * 0)
    yield Refusal(
        code=RefusalCode.BUDGET,
        field="mix",
        message=(
            f"{case.project} may spend {found.budget:,.2f} USD on bookings that begin in {found.month}, and has"
            f" {left:,.2f} left; this costs {found.asked:,.2f}."
        ),
        need=float(found.asked),
        have=float(left),
        unit="USD",
        overridable_by=BY,
    )
