"""What the emulator's file says at this moment, in rows; and the few facts of systems that only this face keeps."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import ClassVar

from fabric.drivers.emulator import store
from fabric.drivers.emulator.reading import HOSTS, Reading

SCHEMA = """
CREATE TABLE IF NOT EXISTS redfish_system (tag TEXT PRIMARY KEY, id TEXT NOT NULL, description TEXT NOT NULL);
"""
BLOCKS = """
SELECT block.*, EXISTS (SELECT 1 FROM line WHERE line.block = block.code AND is_settled = 0 AND act = 'bind')
AS is_coming FROM block ORDER BY code
"""
SYSTEMS = """
SELECT machine.*, coalesce(redfish_system.id, machine.tag) AS id, coalesce(description, '') AS description,
host.address FROM machine JOIN host ON host.code = machine.host LEFT JOIN redfish_system USING (tag) ORDER BY id
"""


@dataclass(slots=True)
class Facts(Reading):
    tables: ClassVar[tuple[str, ...]] = (BLOCKS, HOSTS, SYSTEMS)
    blocks_query: ClassVar[str] = BLOCKS

    def prepare(self) -> None:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as db:
            db.executescript(SCHEMA)

    def blocks_of(self, tag: str) -> list[str]:
        return [row["code"] for row in self.blocks() if row["tag"] == tag and row["is_present"]]

    def seen_by(self, host: str) -> list[str]:
        return [row["code"] for row in self.blocks() if row["host"] == host and row["is_present"]]

    def fixed_hosts(self) -> dict[str, str]:
        """Device of a fixed system → its host."""
        return {row["code"]: row["fixed_host"] for row in self.blocks() if row["fixed_host"]}

    def systems(self) -> list[sqlite3.Row]:
        return self.table(SYSTEMS)

    def system(self, identity: str) -> sqlite3.Row | None:
        return next((row for row in self.systems() if row["id"] == identity), None)

    def operation(self, op_key: str) -> sqlite3.Row | None:
        with self.now() as db:
            row: sqlite3.Row | None = db.execute("SELECT * FROM operation WHERE op_key = ?", (op_key,)).fetchone()
            return row

    def operations(self) -> list[str]:
        with self.now() as db:
            return [row["op_key"] for row in db.execute("SELECT op_key FROM operation ORDER BY submitted_at, op_key")]

    def events(self, *, after: int) -> list[sqlite3.Row]:
        with self.now() as db:
            return db.execute("SELECT * FROM event WHERE seq > ? ORDER BY seq", (after,)).fetchall()

    def remember_system(self, *, tag: str, identity: str, description: str) -> None:
        with store.transaction(self.path) as db:
            db.execute("INSERT OR REPLACE INTO redfish_system VALUES (?, ?, ?)", (tag, identity, description))

    def next_task(self) -> str:
        """The number of calls that were ever counted, which a call that is refused uses up too."""
        with store.transaction(self.path) as db:
            db.execute("INSERT INTO call VALUES ('redfish:task', 1) ON CONFLICT DO UPDATE SET count = count + 1")
            return str(db.execute("SELECT count FROM call WHERE name = 'redfish:task'").fetchone()["count"])
