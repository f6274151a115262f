"""What we asked of a Redfish service, as notes: the protocol remembers nothing of it.

Beside the operations they say which names were given up, which blocks were used since they were last clean, and which
were ever seen: the standard has a word for none of the three.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from fabric.drivers.base import BlockLine, BlockOutcome, Done, Machine
from fabric.drivers.notes import Notes, Record


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
    method: str = ""  # of a cleaning: the action that was asked for
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


class Notebook:
    """Notes of a Redfish service in their own words; what they are kept in is somebody else's."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def find(self, op_key: str) -> Note | None:
        record = self._notes.find(op_key)
        return _note(record) if record is not None else None

    def of(self, tag: str, kind: Kind) -> list[Note]:
        return [_note(record) for record in self._notes.of(tag=tag, kind=kind)]

    def begin(self, note: Note) -> bool:
        """Write the intent; False when somebody wrote one under this key, or the name was given up meanwhile."""
        unless = Kind.DECOMPOSE if note.kind == Kind.COMPOSE else ""
        return self._notes.begin(_record(note), unless=unless)

    def keep(self, note: Note) -> None:
        self._notes.keep(_record(note))

    def swap(self, old: Note, new: Note) -> bool:
        """Write the next state of an operation, unless somebody else has moved it on."""
        return self._notes.swap(old=_record(old), new=_record(new))

    def drop(self, op_key: str) -> None:
        """It was refused: as if never asked."""
        self._notes.drop(op_key)

    def remember(self, codes: Iterable[str]) -> None:
        self._notes.remember(codes)

    def known(self, codes: Sequence[str]) -> set[str]:
        return self._notes.known(codes)

    def used(self) -> set[str]:
        """Blocks attached since they were last clean."""
        return self._notes.used()

    def mark(self, codes: Iterable[str], *, is_used: bool) -> None:
        self._notes.mark(codes, is_used=is_used)


def _record(note: Note) -> Record:
    body = {
        "host": note.host,
        "request": note.request,
        "blocks": list(note.blocks),
        "parts": [asdict(part) for part in note.parts],
        "done": _done_body(note.done) if note.done else None,
    }
    return Record(op_key=note.op_key, kind=note.kind.value, tag=note.tag, body=body)


def _note(record: Record) -> Note:
    body = record.body
    return Note(
        op_key=record.op_key,
        kind=Kind(record.kind),
        tag=record.tag,
        host=body["host"],
        request=body["request"],
        blocks=tuple(body["blocks"]),
        parts=tuple(Part(**{**part, "state": PartState(part["state"])}) for part in body["parts"]),
        done=_done(record.op_key, body["done"]) if body["done"] else None,
    )


def _done_body(done: Done) -> dict[str, Any]:
    machine = {**asdict(done.machine), "blocks": sorted(done.machine.blocks)} if done.machine else None
    return {"machine": machine, "lines": [asdict(line) for line in done.lines]}


def _done(op_key: str, body: Mapping[str, Any]) -> Done:
    machine = body["machine"]
    return Done(
        op_key=op_key,
        machine=Machine(**{**machine, "blocks": frozenset(machine["blocks"])}) if machine else None,
        lines=tuple(BlockLine(**{**line, "outcome": BlockOutcome(line["outcome"])}) for line in body["lines"]),
    )
