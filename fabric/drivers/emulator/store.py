"""The emulator's file: its tables, and one connection a transaction.

WAL with full synchronisation: what was answered survives the loss of the process and of power.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from fabric.drivers.base import Permanent, Transient

CALL_SECONDS_MAX = 5.0  # how long one call waits for the file

SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS host (
    code TEXT PRIMARY KEY, address TEXT NOT NULL, hot_add INTEGER NOT NULL, reboot_seconds REAL NOT NULL,
    is_on INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE IF NOT EXISTS block (
    code TEXT PRIMARY KEY, device_class TEXT NOT NULL, serial TEXT NOT NULL, pci_id TEXT NOT NULL,
    slot INTEGER NOT NULL, fixed_host TEXT, host TEXT, tag TEXT, address TEXT NOT NULL DEFAULT '',
    is_present INTEGER NOT NULL DEFAULT 1, is_clean INTEGER NOT NULL DEFAULT 1, health TEXT NOT NULL DEFAULT 'ok'
);
CREATE INDEX IF NOT EXISTS block_by_tag ON block (tag) WHERE tag IS NOT NULL;
CREATE INDEX IF NOT EXISTS block_by_host ON block (host) WHERE host IS NOT NULL;
CREATE TABLE IF NOT EXISTS machine (
    tag TEXT PRIMARY KEY, host TEXT NOT NULL, is_foreign INTEGER NOT NULL DEFAULT 0, created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS operation (
    op_key TEXT PRIMARY KEY, kind TEXT NOT NULL, tag TEXT NOT NULL, host TEXT NOT NULL, request TEXT NOT NULL,
    submitted_at REAL NOT NULL, state TEXT NOT NULL DEFAULT 'running'
);
CREATE INDEX IF NOT EXISTS operation_running ON operation (op_key) WHERE state = 'running';
CREATE INDEX IF NOT EXISTS operation_by_tag ON operation (tag);
CREATE TABLE IF NOT EXISTS line (
    op_key TEXT NOT NULL REFERENCES operation, position INTEGER NOT NULL, block TEXT NOT NULL, act TEXT NOT NULL,
    seconds REAL NOT NULL, due_at REAL, verdict TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
    is_settled INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (op_key, block)
);
CREATE INDEX IF NOT EXISTS line_due ON line (due_at) WHERE is_settled = 0;
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, probability REAL NOT NULL, blocks TEXT NOT NULL,
    operation TEXT NOT NULL, times_left INTEGER, factor REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS call (name TEXT PRIMARY KEY, count INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, what TEXT NOT NULL);
"""
ADDED_COLUMNS = (  # since the first files were made: a file grows, what is in it stays
    ("block", "layout", "TEXT NOT NULL DEFAULT '{}'"),
    ("block", "power_cap_w", "INTEGER"),
    ("block", "mig_profiles", "TEXT NOT NULL DEFAULT '{}'"),
    ("block", "power_cap_max_w", "INTEGER NOT NULL DEFAULT 0"),
    ("line", "setting", "TEXT NOT NULL DEFAULT ''"),
    ("line", "work_seconds", "REAL"),  # of a bind: how long a process will hold the device; 0 until it is forced
    ("line", "lanes", "INTEGER"),  # of a bind: with how many its link will come up, if not with all
    ("block", "lanes", "INTEGER"),  # of its link when all is well
    ("block", "lanes_up", "INTEGER"),  # as negotiated, if fewer
    ("block", "busy_until", "REAL"),  # a process holds it until then
    ("host", "boots", "INTEGER NOT NULL DEFAULT 1"),
)


def make(path: Path) -> None:
    """Make the file and its tables where they are not; harmless from many processes at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=CALL_SECONDS_MAX, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(SCHEMA)
        db.execute("BEGIN IMMEDIATE")
        for table, column, kind in lacking(db):
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
        db.execute("COMMIT")


def lacking(db: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """Columns that a file of an earlier version does not have."""
    known = {
        (table, row[1])
        for table in {table for table, _, _ in ADDED_COLUMNS}
        for row in db.execute(f"PRAGMA table_info({table})")
    }
    return [added for added in ADDED_COLUMNS if added[:2] not in known]


@contextmanager
def transaction(path: Path, *, seconds_max: float = CALL_SECONDS_MAX) -> Iterator[sqlite3.Connection]:
    """Alone in the file until the end, then committed; an exception takes everything back.

    Raises Transient when the file stays busy, Permanent when there is none.
    """
    with _opened(path, seconds_max=seconds_max) as db, _patience():
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")


@contextmanager
def snapshot(path: Path, *, seconds_max: float = CALL_SECONDS_MAX) -> Iterator[sqlite3.Connection]:
    """One consistent view, which holds up nobody."""
    with _opened(path, seconds_max=seconds_max) as db, _patience():
        db.execute("BEGIN")
        yield db
        db.execute("ROLLBACK")


@contextmanager
def _opened(path: Path, *, seconds_max: float) -> Iterator[sqlite3.Connection]:
    if not path.exists():
        raise Permanent("The emulated fabric has no inventory yet.", detail=str(path))
    with closing(sqlite3.connect(path, timeout=seconds_max, isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA synchronous = FULL")
        yield db


@contextmanager
def _patience() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise Transient("The emulated fabric is busy.", detail=str(error)) from error
