"""Operations on hosts that expand: what takes the place of making and deleting systems (DSP2050 15.1.3)."""

from collections.abc import Mapping, Sequence
from typing import Any

from fabric.drivers.base import BlockOutcome, Conflict, Done, Transient
from fabric.drivers.redfish.holding import Hold, Holds
from fabric.drivers.redfish.notes import Kind, Note, Notebook, Part
from fabric.drivers.redfish.profile import Resizing
from fabric.drivers.redfish.requests import ADD
from fabric.drivers.redfish.service import last, links, part, target
from fabric.drivers.redfish.view import SystemView, View


class Expanding:
    def __init__(self, *, view: View, notes: Notebook, holds: Holds) -> None:
        self._view = view
        self._notes = notes
        self._holds = holds

    @property
    def is_so(self) -> bool:
        return self._view.service.places().is_expandable

    def take(self, *, op_key: str, tag: str, host: str, blocks: Sequence[str]) -> tuple[Part, ...]:
        """The host is ours from here on. Raises Conflict where somebody was faster."""
        own = self._view.own_system(self._view.host(host))
        base = [last(one) for one in links(part(own, "Links"), "ResourceBlocks") if last(one) != host]
        hold = Hold(host=host, tag=tag, op_key=op_key, base=tuple(base), asked=tuple(sorted(blocks)))
        if not self._holds.take(hold) and not (self._is_left(host) and self._holds.take(hold)):
            raise Conflict(f"Host {host} is in use.")
        if not blocks:
            return ()
        if self._by_action(own):
            return tuple(Part(act="add", block=block) for block in blocks)
        return (Part(act="expand"),)

    def add(self, *, tag: str, blocks: Sequence[str]) -> None:
        """Before they are asked for. Raises Transient where another worker changes the same node."""
        hold = self._holds.of(tag)
        if hold is not None and blocks and not self._holds.ask(hold, more=blocks):
            raise Transient("Somebody else is at this node.", detail=tag)

    def give_back(self, *, tag: str) -> tuple[tuple[str, ...], tuple[Part, ...]]:
        """Our blocks on the host, and what takes them away; a block on its way there is called off."""
        hold, system = self._holds.of(tag), self._view.systems().named(tag)
        if hold is None or system is None:
            return (), ()
        ours = tuple(sorted(set(system.members) - {hold.host}))
        if not self._by_action(system.document):
            return ours, (Part(act="shrink"),)
        shown = self._view.named(hold.asked)
        coming = [code for code in hold.asked if code in shown and shown[code].is_moving and code not in ours]
        parts = tuple(Part(act="remove", block=code) for code in (*ours, *coming))
        return ours, parts or (Part(act="shrink"),)

    def settle(self, note: Note, done: Done) -> None:
        """What has come of it: an empty host is given up, and what was taken away or never came is not ours."""
        hold = self._holds.of(note.tag) if note.tag else None
        if hold is None:
            return
        lines = {line.block: line.outcome == BlockOutcome.DONE for line in done.lines}
        if note.kind == Kind.DECOMPOSE and all(lines.values()):
            self._holds.give_up(hold)
        elif note.kind == Kind.RESIZE:
            added = {part.block for part in note.parts if part.act == "add"}
            gone = {code for code, is_done in lines.items() if is_done != (code in added)}
            if gone & set(hold.asked):
                self._holds.ask(hold, fewer=gone)

    def undo(self, note: Note) -> None:
        """It was certainly refused: as if never asked."""
        hold = self._holds.of(note.tag) if note.tag else None
        if hold is not None and note.kind == Kind.COMPOSE and hold.op_key == note.op_key:
            self._holds.give_up(hold)
        elif hold is not None and note.kind == Kind.RESIZE:
            self._holds.ask(hold, fewer=[part.block for part in note.parts if part.act == "add"])

    def is_made(self, system: SystemView) -> bool:
        """Whether it is a node: ours with something on it, or one that was to have nothing; else only wished for."""
        if not system.host or not system.name or len(system.members) > 1:
            return bool(system.name)
        return any(note.done is not None for note in self._notes.of(system.name, Kind.COMPOSE))

    def base_of(self, tag: str) -> frozenset[str]:
        hold = self._holds.of(tag) if self.is_so else None
        return frozenset(hold.base) if hold is not None else frozenset()

    def _is_left(self, host: str) -> bool:
        """Whether who had it gave it up, and did not live to say so."""
        hold = self._holds.all().get(host)
        if hold is None or not any(note.done for note in self._notes.of(hold.tag, Kind.DECOMPOSE)):
            return False
        self._holds.give_up(hold)
        return True

    def _by_action(self, document: Mapping[str, Any]) -> bool:
        return bool(target(document, ADD)) and self._view.service.profile.resizing != Resizing.PATCH
