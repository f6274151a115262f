"""The emulator's file in rows, for a face of it: a request reads it but once."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from fabric.drivers.emulator import settling, store

HOSTS = "SELECT * FROM host ORDER BY code"


@dataclass(slots=True)
class Reading:
    """Reads settle first what the clock has made due, as every call of the engine does."""

    tables: ClassVar[tuple[str, ...]]  # all queries that a request may ask for
    blocks_query: ClassVar[str]

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
                self._read = {one: db.execute(one).fetchall() for one in self.tables}
        return self._read[query]

    def hosts(self) -> list[sqlite3.Row]:
        return self.table(HOSTS)

    def host(self, code: str) -> sqlite3.Row | None:
        return next((row for row in self.hosts() if row["code"] == code), None)

    def blocks(self) -> list[sqlite3.Row]:
        return self.table(self.blocks_query)

    def block(self, code: str) -> sqlite3.Row | None:
        return next((row for row in self.blocks() if row["code"] == code), None)
