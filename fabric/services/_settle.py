"""Make the rows of one kind what a file says they are: new ones written, changed ones updated, equal ones left."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model

from fabric.models import FabricManager, Host, Network, Pool, Pru, Rack, ResourceBlock, Zone

BATCH = 1_000

Row = TypeVar("Row", FabricManager, Host, Network, Pru, Rack, ResourceBlock, Zone)
Columns = Mapping[str, Any]  # by attribute, such as rack_id


@dataclass(frozen=True, slots=True)
class Settled(Generic[Row]):
    """Every row of the pool that the file names, by code; what it no longer names; and whether anything was written."""

    ids: Mapping[str, int]
    gone: tuple[Row, ...]
    is_changed: bool


def settle(
    model: type[Row], *, pool: Pool, wanted: Mapping[str, Columns], at_first: Mapping[str, Columns] | None = None
) -> Settled[Row]:
    """One read, and a write of only what differs.

    `at_first` are columns that are set when a row is made and then left to others (its state, its driver).
    """
    there = {row.code: row for row in model._default_manager.filter(pool=pool).order_by("id")}
    changed: list[str] = [code for code, row in there.items() if code in wanted and _differs(row, wanted[code])]
    new: list[str] = [code for code in wanted if code not in there]
    firsts = at_first or {}
    rows = [model(pool=pool, code=code, **{**firsts.get(code, {}), **wanted[code]}) for code in (*changed, *new)]
    if rows:
        _write(model, rows, wanted[rows[0].code])
    return Settled(
        ids={code: row.pk for code, row in there.items() if code in wanted} | {row.code: row.pk for row in rows},
        gone=tuple(row for code, row in there.items() if code not in wanted),
        is_changed=bool(rows),
    )


def _differs(row: Model, columns: Columns) -> bool:
    return any(getattr(row, name) != value for name, value in columns.items())


def _write(model: type[Row], rows: list[Row], columns: Columns) -> None:
    """One statement a batch, changed rows in the order of their ids, which is the order everybody locks them in."""
    model._default_manager.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["pool", "code"],
        update_fields=[model._meta.get_field(name).name for name in columns],
    )
