"""What we asked for, written down before the request is sent, since the protocol remembers nothing of it.

A file of its own beside the portal's database: losing it costs a look at the fabric, never a device. It also keeps
which names were given up, which blocks were used since they were last clean, and which blocks were ever seen: the
standard has a word for none of the three.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from fabric.drivers.base import BlockLine, BlockOutcome, Done, Machine, Transient

WAIT_SECONDS_MAX = 5.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS note (
    op_key TEXT PRIMARY KEY, kind TEXT NOT NULL, tag TEXT NOT NULL, host TEXT NOT NULL, request TEXT NOT NULL,
    blocks TEXT NOT NULL, parts TEXT NOT NULL, done TEXT
);
CREATE INDEX IF NOT EXISTS note_by_tag ON note (tag);
CREATE TABLE IF NOT EXISTS block (code TEXT PRIMARY KEY, is_used INTEGER NOT NULL DEFAULT 0);
"""


class Kind(StrEnum):
    COMPOSE = "compose"
    RESIZE = "resize"
    DECOMPOSE = "decompose"
    CLEAN = "clean"


class PartState(StrEnum):
    UNSENT = "unsent"  # not sent, or certainly not received
    SENT = "sent"  # on its way, or its reply is lost: only a look can tell
    RUNNING = "running"  # accepted, with a monitor
    DONE = "done"
    NOT_DONE = "not_done"


SETTLED = frozenset({PartState.DONE, PartState.NOT_DONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One request of an operation. Parts of a lower stage are settled before the next stage begins."""

    act: str  # create, add, remove, delete, clean
    block: str = ""  # "" where it is about the whole system
    stage: int = 0
    state: PartState = PartState.UNSENT
    monitor: str = ""
    sent_at: float = 0.0
    bound: Mapping[str, float] = field(default_factory=dict)  # block → after how many seconds it was seen settled
    reasons: Mapping[str, str] = field(default_factory=dict)  # block → why it was not done

    @property
    def is_open(self) -> bool:
        return self.state not in SETTLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    op_key: str
    kind: Kind
    tag: str
    host: str
    request: str  # what was asked for, as text: one key is one request
    blocks: tuple[str, ...]
    parts: tuple[Part, ...]
    done: Done | None = None

    def with_part(self, index: int, part: Part) -> "Note":
        return replace(self, parts=(*self.parts[:index], part, *self.parts[index + 1 :]))


class Notes:
    """Any number of processes may share the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=WAIT_SECONDS_MAX, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(SCHEMA)

    def find(self, op_key: str) -> Note | None:
        with self._open() as db:
            row = db.execute("SELECT * FROM note WHERE op_key = ?", (op_key,)).fetchone()
        return _note(row) if row is not None else None

    def of(self, tag: str, kind: Kind) -> list[Note]:
        with self._open() as db:
            rows = db.execute("SELECT * FROM note WHERE tag = ? AND kind = ? ORDER BY op_key", (tag, kind)).fetchall()
        return [_note(row) for row in rows]

    def begin(self, note: Note) -> bool:
        """Write the intent; False when somebody wrote one under this key, or the name was given up meanwhile."""
        with self._open() as db:
            given_up = "SELECT 1 FROM note WHERE tag = ? AND kind = ?"
            if note.kind == Kind.COMPOSE and db.execute(given_up, (note.tag, Kind.DECOMPOSE)).fetchone():
                return False
            return (
                db.execute("INSERT INTO note VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING", _row(note)).rowcount == 1
            )

    def keep(self, note: Note) -> None:
        with self._open() as db:
            db.execute("INSERT OR REPLACE INTO note VALUES (?,?,?,?,?,?,?,?)", _row(note))

    def swap(self, old: Note, new: Note) -> bool:
        """Write the next state of an operation, unless somebody else has moved it on."""
        with self._open() as db:
            query = "UPDATE note SET parts = ? WHERE op_key = ? AND parts = ?"
            return db.execute(query, (_parts_text(new), old.op_key, _parts_text(old))).rowcount == 1

    def drop(self, op_key: str) -> None:
        """It was refused: as if never asked."""
        with self._open() as db:
            db.execute("DELETE FROM note WHERE op_key = ?", (op_key,))

    def remember(self, codes: Iterable[str]) -> None:
        with self._open() as db:
            db.executemany("INSERT INTO block (code) VALUES (?) ON CONFLICT DO NOTHING", [(code,) for code in codes])

    def known(self, codes: Sequence[str]) -> set[str]:
        return self._codes("SELECT code FROM block WHERE code IN (SELECT value FROM json_each(?))", codes)

    def used(self) -> set[str]:
        """Blocks attached since they were last clean."""
        return self._codes("SELECT code FROM block WHERE is_used = 1 OR ? IS NULL", [])

    def mark(self, codes: Iterable[str], *, is_used: bool) -> None:
        with self._open() as db:
            db.executemany(
                "INSERT INTO block VALUES (?, ?) ON CONFLICT DO UPDATE SET is_used = excluded.is_used",
                [(code, int(is_used)) for code in codes],
            )

    def _codes(self, query: str, codes: Sequence[str]) -> set[str]:
        with self._open() as db:
            return {row["code"] for row in db.execute(query, (json.dumps(list(codes)),))}

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=WAIT_SECONDS_MAX, isolation_level=None)) as db:
                db.row_factory = sqlite3.Row
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise Transient("The notes of the fabric are busy.", detail=str(error)) from error


def _row(note: Note) -> tuple[object, ...]:
    parts, done = _parts_text(note), _done_text(note.done) if note.done else None
    blocks = json.dumps(note.blocks)
    return (note.op_key, note.kind, note.tag, note.host, note.request, blocks, parts, done)


def _parts_text(note: Note) -> str:
    return json.dumps([asdict(part) for part in note.parts])


def _note(row: sqlite3.Row) -> Note:
    return Note(
        op_key=row["op_key"],
        kind=Kind(row["kind"]),
        tag=row["tag"],
        host=row["host"],
        request=row["request"],
        blocks=tuple(json.loads(row["blocks"])),
        parts=tuple(Part(**{**part, "state": PartState(part["state"])}) for part in json.loads(row["parts"])),
        done=_done(row["op_key"], json.loads(row["done"])) if row["done"] else None,
    )


def _done_text(done: Done) -> str:
    machine = {**asdict(done.machine), "blocks": sorted(done.machine.blocks)} if done.machine else None
    return json.dumps({"machine": machine, "lines": [asdict(line) for line in done.lines]})


def _done(op_key: str, raw: dict[str, object]) -> Done:
    machine, lines = raw["machine"], raw["lines"]
    assert isinstance(lines, list)
    return Done(
        op_key=op_key,
        machine=Machine(**{**machine, "blocks": frozenset(machine["blocks"])}) if isinstance(machine, dict) else None,
        lines=tuple(BlockLine(**{**line, "outcome": BlockOutcome(line["outcome"])}) for line in lines),
    )
