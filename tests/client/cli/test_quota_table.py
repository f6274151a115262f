"""The quota as a table: accelerators, then classes, then every further ceiling."""

from datetime import UTC

from heddle import shapes
from heddle.cli import tables

USED: shapes.ClassUsed = {
    "device_class": "l40s", "held": 1, "most": 2, "most_at": None, "hours_used": 1.5, "hours_booked": 4,
}  # fmt: skip


def ceiling(kind: str | None, period: str, most: int, used: float) -> shapes.CeilingUsed:
    return {
        "device_class": None, "kind": kind, "period": period, "ceiling": most, "used": used, "starts_at": None,
        "ends_at": "2030-05-14T12:00:00Z" if period != "at_once" else None,
    }  # fmt: skip


def test_every_ceiling_beside_that_of_accelerators_has_a_row_of_its_own() -> None:
    pool: shapes.PoolQuota = {
        "pool": "lab", "accelerators_max": 12, "gpu_hours_per_month": None, "mig_only": False,
        "month_starts_at": "2030-04-30T22:00:00Z", "month_ends_at": "2030-05-31T22:00:00Z",
        "held": 1, "most": 2, "most_at": None, "hours_used": 1.5, "hours_booked": 4, "device_classes": [USED],
        "ceilings": [
            ceiling(None, "at_once", 12, 2), ceiling("nvme", "at_once", 4, 1), ceiling(None, "7_days", 4000, 5.5),
        ],
        "bounds": {
            "near_term_hours": None, "horizon_days": None, "min_duration_minutes": None, "max_duration_hours": None,
            "min_lead_minutes": None, "priority_max": "normal",
        },
    }  # fmt: skip

    told = tables.quota({"project": "team-chat", "pools": [pool]}, zone=UTC, is_terminal=False)

    cells = [[str(cell) for cell in column.cells] for column in told.columns]
    assert list(zip(*cells, strict=True)) == [
        ("lab", "all accelerators", "12", "1", "2", "–", "1.5", "4"),
        ("lab", "l40s", "", "1", "2", "–", "1.5", "4"),
        ("lab", "nvme, at once", "4", "", "1", "", "", ""),
        ("lab", "accelerators, 7 days", "4,000 h", "", "", "Tue 14 May 12:00", "", "5.5"),
    ]
