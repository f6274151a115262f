"""What the emulator's file says at this moment, in rows; a request reads it but once."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fabric.drivers.emulator import settling, store

OURS = "counted-"  # operations and machines of this face; a number follows
BLOCKS = "SELECT * FROM block ORDER BY code"
HOSTS = "SELECT * FROM host ORDER BY code"
MACHINES = "SELECT * FROM machine ORDER BY tag"
RUNNING = "SELECT * FROM operation WHERE state = 'running' ORDER BY op_key"
LATEST = """
SELECT line.block, act, is_settled, verdict, reason, operation.host, op_key, max(operation.rowid) FROM line
JOIN operation USING (op_key) GROUP BY line.block
"""
BOUND = """
SELECT line.block, op_key, max(operation.rowid) FROM line JOIN operation USING (op_key)
WHERE act = 'bind' AND is_settled = 1 AND verdict = 'done' GROUP BY line.block
"""
FREED = """
SELECT block, coalesce(max(due_at), 0.0) AS freed_at FROM line
WHERE is_settled = 1 AND (act = 'unbind' AND verdict = 'done' OR act = 'bind' AND verdict <> 'done') GROUP BY block
"""
BY_OTHERS = "SELECT what, max(seq) AS number FROM event WHERE what LIKE 'block % was attached to %' GROUP BY what"
TABLES = (BLOCKS, HOSTS, MACHINES, RUNNING, LATEST, BOUND, FREED, BY_OTHERS)


@dataclass(slots=True)
class Facts:
    """Reads settle first what the clock has made due, as every call of the engine does."""

    path: Path
    clock: Callable[[], float]
    _read: dict[str, list[sqlite3.Row]] = field(default_factory=dict)

    def forget(self) -> None:
        """At the beginning of a request, and when something has been changed."""
        self._read.clear()

    @contextmanager
    def now(self) -> Iterator[sqlite3.Connection]:
        with store.snapshot(self.path) as db:
            if not settling.is_anything_due(db, now=self.clock()):
                yield db
                return
        with store.transaction(self.path) as db:
            settling.settle(db, now=self.clock())
            yield db

    def table(self, query: str) -> list[sqlite3.Row]:
        if not self._read:
            with self.now() as db:
                self._read = {one: db.execute(one).fetchall() for one in TABLES}
        return self._read[query]

    def host(self, code: str) -> sqlite3.Row | None:
        return next((row for row in self.table(HOSTS) if row["code"] == code), None)

    def block(self, code: str) -> sqlite3.Row | None:
        return next((row for row in self.table(BLOCKS) if row["code"] == code), None)

    def job(self) -> sqlite3.Row | None:
        """The one that runs, of whatever kind."""
        return next(iter(self.table(RUNNING)), None)

    def machine_tag(self, host: str) -> str | None:
        """The engine's name for what this face has attached to a host."""
        ours = (row["tag"] for row in self.table(MACHINES) if row["host"] == host and row["tag"].startswith(OURS))
        return next(ours, None)

    def next_change(self, what: str) -> int:
        """Every change has a number, which one that is refused uses up too."""
        with store.transaction(self.path) as db:
            settling.note(db, now=self.clock(), what=what)
            return int(db.execute("SELECT max(seq) AS number FROM event").fetchone()["number"])


def change_of(op_key: str) -> int:
    """The number of the change that an operation is; 0 for one that came by another face."""
    number = op_key.removeprefix(OURS)
    return int(number) if op_key.startswith(OURS) and number.isdigit() else 0
