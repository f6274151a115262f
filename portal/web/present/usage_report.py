"""Usage as a table: what was used of which class by which project, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.web.present.usage import NOT_PRICED, kilowatt_hours
from portal.web.present.words import money
from scheduler.queries.usage_report import Cut, UsageRow, Used

CUTS: tuple[tuple[Cut, str], ...] = (
    (Cut.CLASS, "Class"),
    (Cut.DAY, "Class and day"),
    (Cut.MONTH, "Class and month"),
)
HOSTS_NAME = "Hosts themselves"
NONE = "–"


@dataclass(frozen=True, slots=True)
class UsedView:
    device_hours: str
    charged_hours: str
    price: str
    energy: str


@dataclass(frozen=True, slots=True)
class UsageLine:
    """`period` is "" where a row is of the whole of it."""

    project: str
    project_slug: str
    pool: str
    device_class: str
    period: str
    used: UsedView


def usage_lines(rows: Iterable[UsageRow], *, cut: Cut) -> tuple[UsageLine, ...]:
    return tuple(
        UsageLine(
            project=row.project_name,
            project_slug=row.project,
            pool=row.pool,
            device_class=row.device_class_name or HOSTS_NAME,
            period=_period(row.begins_at, row.ends_at, ZoneInfo(row.time_zone), cut),
            used=used_view(row.used, is_hosts=not row.device_class),
        )
        for row in rows
    )


def used_view(used: Used, *, is_hosts: bool = False) -> UsedView:
    return UsedView(
        device_hours=NONE if is_hosts else f"{used.device_hours:,.2f}",
        charged_hours=NONE if is_hosts else f"{used.charged_hours:,.2f}",
        price=NONE if is_hosts else NOT_PRICED if used.usd is None else money(used.usd, "USD"),
        energy=kilowatt_hours(used.kwh),
    )


def _period(begins_at: datetime, ends_at: datetime, zone: ZoneInfo, cut: Cut) -> str:
    """`13 May 2030` or `May 2030` of the pool's calendar."""
    middle = (begins_at + (ends_at - begins_at) / 2).astimezone(zone)
    return {Cut.CLASS: "", Cut.DAY: f"{middle.day} {middle:%b %Y}", Cut.MONTH: f"{middle:%b %Y}"}[cut]
