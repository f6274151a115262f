"""What a project has spent of its budget for the month in which a window begins, and what a case would add. Pure.

A booking counts whole in the month of the pool's calendar in which its window begins: at its price, or at what is due
of it in the end.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from scheduler.planning.case import Case
from scheduler.planning.plan import Plan
from scheduler.planning.pricing import price_of_devices
from scheduler.planning.repricing import price_ending_at
from scheduler.planning.settlement import due_usd
from scheduler.planning.snapshot import Charge, QuotaFacts
from scheduler.planning.tariffs import tariffs_of
from scheduler.requests import Window


@dataclass(frozen=True, slots=True)
class Spending:
    """`month` as 2030-05."""

    month: str
    spent: Decimal
    asked: Decimal
    budget: Decimal

    @property
    def is_over(self) -> bool:
        return self.spent + self.asked > self.budget


def spending(case: Case) -> Spending | None:
    """None where there is no budget, or nothing that costs is asked for."""
    quota = case.index.snapshot.quota
    if quota.budget_usd is None or not case.totals:
        return None
    own, window = quota.own, Window(starts_at=case.charged_from, ends_at=case.window.ends_at)
    asked = price_of_devices(
        devices=case.totals,
        topology=case.topology,
        window=window,
        booked=tariffs_of(own.price) if own else None,
        terms=case.index.snapshot.terms(own.priority if own else case.priority),
    ).usd
    month = month_of(case.window.starts_at, quota.time_zone)
    spent = spent_in(quota, month) + _kept(quota)
    return Spending(month, spent, asked, quota.budget_usd) if asked else None


def spending_at(case: Case, usd: Decimal) -> Spending | None:
    """Of what was booked at this price and keeps it, whatever its devices cost today."""
    quota = case.index.snapshot.quota
    if quota.budget_usd is None or not usd:
        return None
    month = month_of(case.window.starts_at, quota.time_zone)
    return Spending(month, spent_in(quota, month), usd, quota.budget_usd)


def month_of(at: datetime, time_zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(time_zone)):%Y-%m}"


def spent_in(quota: QuotaFacts, month: str) -> Decimal:
    mine = (one for one in quota.charges if month_of(one.starts_at, quota.time_zone) == month)
    return sum((due_usd(one.price) for one in mine), Decimal(0))


def _kept(quota: QuotaFacts) -> Decimal:
    """Of the reservation itself that is asked about: what of it stays as it was booked."""
    if quota.own is None or quota.own_until is None or quota.own_until <= quota.own.starts_at:
        return Decimal(0)
    own, until = quota.own, min(quota.own_until, quota.own.ends_at)
    return due_usd(price_ending_at(price=own.price, plan=_as_plan(own), ends_at=until))


def _as_plan(own: Charge) -> Plan:
    begin, end = own.starts_at, own.ends_at
    return Plan(pool="", generation=0, starts_at=begin, ends_at=end, busy_from=begin, busy_until=end, nodes=())
