"""Faults of the emulated fabric: each a row of its file, switched on one by one, drawn from the seed."""

import json
import random
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from fabric.drivers.emulator import seed, store

SLOW_FACTOR = 10.0


class FaultKind(StrEnum):
    BIND_FAILURE = "bind_failure"  # a block does not bind; drawn for each block
    UNBIND_FAILURE = "unbind_failure"  # a block does not let go
    CLEAN_FAILURE = "clean_failure"  # a block cannot be reset
    CONFIGURE_FAILURE = "configure_failure"  # a card cannot be cut or capped
    PARTIAL = "partial"  # exactly one drawn block of a mutation fails
    NARROW = "narrow"  # a block's link comes up with half of its lanes
    IN_USE = "in_use"  # a process holds a bound block for `factor` seconds; for ever, until it is forced, with 0
    PHANTOM = "phantom"  # a block is reported bound, or set, and is not
    VANISH = "vanish"  # a drawn block disappears when the mutation is taken
    LOST_BEFORE = "lost_before"  # no reply, and nothing was done
    LOST_AFTER = "lost_after"  # no reply, and it was done
    STUCK = "stuck"  # taken, and never finished
    SLOW = "slow"  # `factor` times as long
    BUSY = "busy"  # refused for now
    UNREADABLE = "unreadable"  # a read fails
    PARTIAL_LISTING = "partial_listing"  # an inventory shows only every other device, and says so


@dataclass(frozen=True, slots=True)
class Fault:
    """`blocks` empty means any block, `operation` empty any call, `times_left` None until it is cleared."""

    id: int
    kind: FaultKind
    probability: float
    blocks: frozenset[str]
    operation: str
    times_left: int | None
    factor: float


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the driver; its number makes a repeated call a new draw."""

    operation: str
    name: str
    number: int
    seed: int


def set_fault(
    *,
    path: Path,
    kind: FaultKind,
    probability: float = 1.0,
    blocks: Collection[str] = (),
    operation: str = "",
    times: int | None = None,
    factor: float = SLOW_FACTOR,
) -> int:
    """Switch one on; its id. Raises ValueError for a probability outside 0 to 1 or a block that is not there."""
    if not 0 <= probability <= 1:
        raise ValueError(f"A probability is between 0 and 1, not {probability}.")
    with store.transaction(path) as db:
        known = {row["code"] for row in db.execute("SELECT code FROM block")} if blocks else set()
        if unknown := sorted(set(blocks) - known):
            raise ValueError(f"No such block: {', '.join(unknown)}.")
        cursor = db.execute(
            "INSERT INTO fault (kind, probability, blocks, operation, times_left, factor) VALUES (?, ?, ?, ?, ?, ?)",
            (kind.value, probability, json.dumps(sorted(blocks)), operation, times, factor),
        )
        return int(cursor.lastrowid or 0)


def set_from_pool(*, path: Path) -> None:
    """Switch on what the pool file says of its own hardware, once (`--faults pool`)."""
    with store.snapshot(path) as db:
        probability = seed.read_simulation(db).bind_failure_probability
        is_on = any(f.kind == FaultKind.BIND_FAILURE and f.probability == probability for f in _read(db))
    if probability and not is_on:
        set_fault(path=path, kind=FaultKind.BIND_FAILURE, probability=probability)


def clear(*, path: Path, kind: FaultKind | None = None) -> int:
    """Switch off all, or all of one kind; how many were on. What they did stays done."""
    with store.transaction(path) as db:
        return db.execute("DELETE FROM fault WHERE ? IS NULL OR kind = ?", (kind, kind)).rowcount


def listed(db: sqlite3.Connection) -> list[dict[str, Any]]:
    return [
        {
            "id": fault.id,
            "kind": fault.kind.value,
            "probability": fault.probability,
            "blocks": sorted(fault.blocks),
            "operation": fault.operation,
            "times_left": fault.times_left,
            "factor": fault.factor,
        }
        for fault in _read(db)
    ]


def begin_call(db: sqlite3.Connection, *, operation: str, name: str, seed: int) -> Call:
    """Count the call, so that repeating it draws anew while a replay of everything draws the same."""
    key = f"{operation}:{name}"
    db.execute("INSERT INTO call VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1", (key,))
    number = db.execute("SELECT count FROM call WHERE name = ?", (key,)).fetchone()["count"]
    return Call(operation=operation, name=name, number=number, seed=seed)


def is_any_on(db: sqlite3.Connection, kind: FaultKind) -> bool:
    return db.execute("SELECT 1 FROM fault WHERE kind = ? LIMIT 1", (kind,)).fetchone() is not None


def strikes(db: sqlite3.Connection, kind: FaultKind, call: Call, block: str = "") -> Fault | None:
    """Whether this fault hits this call (or this block of it); a fault with a number of times left loses one."""
    for fault in _read(db, kind):
        if _concerns(fault, call, block) and _draw(kind, call, block).random() < fault.probability:
            db.execute(
                "UPDATE fault SET times_left = times_left - 1 WHERE id = ? AND times_left IS NOT NULL", (fault.id,)
            )
            return fault
    return None


def drawn_block(db: sqlite3.Connection, kind: FaultKind, call: Call, blocks: Iterable[str]) -> str | None:
    """The one block of the call that a fault of this kind hits, or None."""
    candidates = sorted(set(blocks))
    for fault in _read(db, kind):
        hit = sorted(fault.blocks.intersection(candidates)) if fault.blocks else candidates
        if hit and strikes(db, kind, call, hit[0] if fault.blocks else ""):
            return _draw(kind, call, "which").choice(hit)
    return None


def _concerns(fault: Fault, call: Call, block: str) -> bool:
    return (
        (fault.times_left is None or fault.times_left > 0)
        and fault.operation in ("", call.operation)
        and (not fault.blocks or block in fault.blocks)
    )


def _draw(kind: FaultKind, call: Call, block: str) -> random.Random:
    return random.Random(f"{call.seed}:{kind}:{call.operation}:{call.name}:{call.number}:{block}")


def _read(db: sqlite3.Connection, kind: FaultKind | None = None) -> list[Fault]:
    rows = db.execute("SELECT * FROM fault WHERE ? IS NULL OR kind = ? ORDER BY id", (kind, kind))
    return [
        Fault(
            id=row["id"],
            kind=FaultKind(row["kind"]),
            probability=row["probability"],
            blocks=frozenset(json.loads(row["blocks"])),
            operation=row["operation"],
            times_left=row["times_left"],
            factor=row["factor"],
        )
        for row in rows
    ]
