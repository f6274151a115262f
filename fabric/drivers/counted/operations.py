"""What we were asked for, request by request, and how it is written down."""

from collections.abc import Mapping
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


class Act(StrEnum):
    INCREASE = "increase"  # a spec on a machine, to an absolute count
    REMOVE = "remove"  # named devices, or everything of ours
    RESET = "reset"  # one device


class PartState(StrEnum):
    UNSENT = "unsent"  # not sent, or certainly not received
    SENT = "sent"  # on its way, or its reply is lost: only a look can tell
    RUNNING = "running"  # accepted; followed on the machine or the device
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One request after the other, of one kind. `lines` are the devices that are settled."""

    act: Act
    spec: str = ""
    blocks: tuple[str, ...] = ()  # asked for; a removal without any is of all that is ours
    current: Mapping[str, int] = field(default_factory=dict)  # of the request under way: device → its last change
    state: PartState = PartState.UNSENT
    sent_at: float = 0.0
    lines: Mapping[str, BlockLine] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.state != PartState.ENDED

    def settled(self, line: BlockLine) -> "Part":
        """The first word on a device stands."""
        return self if line.block in self.lines else replace(self, lines={**self.lines, line.block: line})

    def refused(self, reason: str) -> "Part":
        """Ended, with everything that was asked for and did not come about."""
        part = replace(self, state=PartState.ENDED, current={})
        for block in dict.fromkeys([*self.blocks, *self.current]):
            part = part.settled(BlockLine(block, BlockOutcome.NOT_DONE, reason=reason))
        return part

    @property
    def has_failed(self) -> bool:
        return any(line.outcome != BlockOutcome.DONE for line in self.lines.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    op_key: str
    kind: Kind
    tag: str
    host: str
    request: str  # what was asked for, as text: one key is one request
    parts: tuple[Part, ...]
    done: Done | None = None

    def with_part(self, index: int, part: Part) -> "Operation":
        return replace(self, parts=(*self.parts[:index], part, *self.parts[index + 1 :]))

    @property
    def lines(self) -> tuple[BlockLine, ...]:
        return tuple(line for part in self.parts for _, line in sorted(part.lines.items()))


class Notebook:
    """Operations in notes, in the words of this driver."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def find(self, op_key: str) -> Operation | None:
        record = self._notes.find(op_key)
        return _operation(record) if record is not None else None

    def of(self, tag: str, kind: Kind) -> list[Operation]:
        return [_operation(record) for record in self._notes.of(tag=tag, kind=kind)]

    def is_given_up(self, tag: str) -> bool:
        return bool(self._notes.of(tag=tag, kind=Kind.DECOMPOSE))

    def begin(self, operation: Operation) -> bool:
        """Write the intent; False when somebody wrote one under this key, or the name was given up meanwhile."""
        unless = Kind.DECOMPOSE if operation.kind == Kind.COMPOSE else ""
        return self._notes.begin(_record(operation), unless=unless)

    def keep(self, operation: Operation) -> None:
        self._notes.keep(_record(operation))

    def swap(self, old: Operation, new: Operation) -> bool:
        return self._notes.swap(old=_record(old), new=_record(new))

    def drop(self, op_key: str) -> None:
        self._notes.drop(op_key)


def _record(operation: Operation) -> Record:
    body = {
        "host": operation.host,
        "request": operation.request,
        "parts": [asdict(part) for part in operation.parts],
        "done": _done_body(operation.done) if operation.done else None,
    }
    return Record(op_key=operation.op_key, kind=operation.kind.value, tag=operation.tag, body=body)


def _operation(record: Record) -> Operation:
    body = record.body
    return Operation(
        op_key=record.op_key,
        kind=Kind(record.kind),
        tag=record.tag,
        host=body["host"],
        request=body["request"],
        parts=tuple(_part(part) for part in body["parts"]),
        done=_done(record.op_key, body["done"]) if body["done"] else None,
    )


def _part(body: Mapping[str, Any]) -> Part:
    return Part(
        act=Act(body["act"]),
        spec=body["spec"],
        blocks=tuple(body["blocks"]),
        current=body["current"],
        state=PartState(body["state"]),
        sent_at=body["sent_at"],
        lines={code: _line(line) for code, line in body["lines"].items()},
    )


def _line(body: Mapping[str, Any]) -> BlockLine:
    return BlockLine(**{**body, "outcome": BlockOutcome(body["outcome"])})


def _done_body(done: Done) -> dict[str, Any]:
    machine = {**asdict(done.machine), "blocks": sorted(done.machine.blocks)} if done.machine else None
    return {"machine": machine, "lines": [asdict(line) for line in done.lines]}


def _done(op_key: str, body: Mapping[str, Any]) -> Done:
    machine = body["machine"]
    return Done(
        op_key=op_key,
        machine=Machine(**{**machine, "blocks": frozenset(machine["blocks"])}) if machine else None,
        lines=tuple(_line(line) for line in body["lines"]),
    )
