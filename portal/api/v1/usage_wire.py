"""Usage as JSON and as a file for spreadsheets. Both tell the same figures."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from portal.api.v1.wire import when
from scheduler.queries.usage_report import UsageRow, Used

CURRENCY = "USD"  # of every rate of the catalogue
COLUMNS = (
    "project", "pool", "device_class", "period_starts_at", "period_ends_at", "device_hours", "charged_hours", "price",
    "currency", "energy_kwh",
)  # fmt: skip


def used_wire(used: Used) -> dict[str, Any]:
    return {
        "device_hours": float(used.device_hours),
        "charged_hours": float(used.charged_hours),
        "price": None if used.usd is None else str(used.usd),
        "currency": CURRENCY,
        "energy_kwh": float(used.kwh),
    }


def usage_row_wire(row: UsageRow) -> dict[str, Any]:
    return {
        "project": row.project,
        "pool": row.pool,
        "device_class": row.device_class or None,
        "period_starts_at": when(row.begins_at),
        "period_ends_at": when(row.ends_at),
        **used_wire(row.used),
    }


def usage_csv(rows: Iterable[UsageRow]) -> str:
    """RFC 4180 with a header. Every text in it is a code of ours, so no cell begins like a formula."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(usage_row_wire(row) for row in rows)
    return text.getvalue()
