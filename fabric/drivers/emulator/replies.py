"""What the fabric says: rows of its file as the contract's value types."""

import sqlite3
from collections.abc import Iterable

from fabric.drivers.base import BlockLine, BlockOutcome, Done, Machine, Pending, SeenDevice, SeenHost
from fabric.drivers.emulator import cards

CLEANING = "device reset and memory wipe, emulated"
RETRY_SECONDS_MIN = 0.25
RETRY_SECONDS_MAX = 2.0  # short enough to watch block after block arrive


def reply(db: sqlite3.Connection, *, op_key: str, now: float) -> Done | Pending:
    operation = db.execute("SELECT * FROM operation WHERE op_key = ?", (op_key,)).fetchone()
    lines = tuple(
        BlockLine(
            block=row["block"],
            outcome=BlockOutcome(row["verdict"]),
            seconds=row["seconds"],
            reason=row["reason"],
            method=CLEANING if row["act"] == "clean" else "",
        )
        for row in db.execute("SELECT * FROM line WHERE op_key = ? AND is_settled = 1 ORDER BY position", (op_key,))
    )
    if operation["state"] == "running":
        return Pending(op_key=op_key, retry_after_seconds=_retry_after(db, op_key=op_key, now=now), lines=lines)
    is_about_machine = operation["kind"] in ("compose", "resize")
    return Done(op_key=op_key, machine=machine(db, tag=operation["tag"]) if is_about_machine else None, lines=lines)


def machine(db: sqlite3.Connection, *, tag: str) -> Machine | None:
    row = db.execute(
        "SELECT machine.host, host.address FROM machine JOIN host ON host.code = machine.host WHERE tag = ?", (tag,)
    ).fetchone()
    if row is None:
        return None
    blocks = frozenset(r["code"] for r in db.execute("SELECT code FROM block WHERE tag = ? AND is_present = 1", (tag,)))
    return Machine(tag=tag, host=row["host"], blocks=blocks, address=row["address"])


def seen(rows: Iterable[sqlite3.Row]) -> tuple[SeenDevice, ...]:
    return tuple(
        SeenDevice(
            block=row["code"],
            device_class=row["device_class"],
            serial=row["serial"],
            pci_id=row["pci_id"],
            address=row["address"],
            host=row["host"],
            tag=row["tag"],
            health=row["health"],
            is_clean=bool(row["is_clean"]),
            setting=cards.setting_of(row),
            lanes=row["lanes"] if row["lanes_up"] is None else row["lanes_up"],
        )
        for row in rows
    )


def hosts(rows: Iterable[sqlite3.Row]) -> tuple[SeenHost, ...]:
    return tuple(
        SeenHost(code=row["code"], is_on=bool(row["is_on"]), boot_id=f"{row['code']}/{row['boots']}") for row in rows
    )


def _retry_after(db: sqlite3.Connection, *, op_key: str, now: float) -> float:
    """Until the next block is due, within bounds."""
    row = db.execute("SELECT min(due_at) AS next FROM line WHERE op_key = ? AND is_settled = 0", (op_key,)).fetchone()
    until = RETRY_SECONDS_MAX if row["next"] is None else row["next"] - now
    return min(max(until, RETRY_SECONDS_MIN), RETRY_SECONDS_MAX)
