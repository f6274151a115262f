"""What the emulator's file says at this moment, in rows; a request reads it but once."""

import sqlite3
from dataclasses import dataclass
from typing import ClassVar

from fabric.drivers.emulator import settling, store
from fabric.drivers.emulator.reading import HOSTS, Reading

OURS = "counted-"  # operations and machines of this face; a number follows
BLOCKS = "SELECT * FROM block ORDER BY code"
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


@dataclass(slots=True)
class Facts(Reading):
    tables: ClassVar[tuple[str, ...]] = (BLOCKS, HOSTS, MACHINES, RUNNING, LATEST, BOUND, FREED, BY_OTHERS)
    blocks_query: ClassVar[str] = BLOCKS

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
