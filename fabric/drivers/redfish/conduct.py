"""Carrying an operation on, one pass a call: send what is due, ask the monitors, and look where nobody answered.

What a reply says moves the parts along; what a block's outcome is, the read-back at the end decides. A request whose
reply was lost is sent again only when a complete listing, taken after the longest time the service may still be working
on it, shows nothing of it.
"""

from collections.abc import Callable
from dataclasses import replace

from fabric.drivers.base import (
    BlockLine,
    BlockOutcome,
    Done,
    DriverError,
    Pending,
    Transient,
    Unknown,
)
from fabric.drivers.redfish.answers import GONE_STATUSES, Answer, reasons, refusal, settled
from fabric.drivers.redfish.notes import Kind, Note, Notebook, Part, PartState
from fabric.drivers.redfish.requests import Requests
from fabric.drivers.redfish.view import Systems, View

RELEASES = frozenset({"delete", "remove", "shrink"})
BINDS = frozenset({"create", "add", "expand"})
KEPT = "not removed, since an addition failed"
PAUSE_SECONDS = 2.0  # where the service names none
ENDED_WELL = frozenset({"Completed"})
ENDED_BADLY = frozenset({"Exception", "Killed", "Cancelled", "Interrupted"})


class Conduct:
    """One pass over one note."""

    def __init__(
        self, note: Note, *, view: View, notes: Notebook, requests: Requests, clock: Callable[[], float]
    ) -> None:
        self._note = note
        self._view = view
        self._notes = notes
        self._requests = requests
        self._clock = clock
        self._profile = view.service.profile
        self._pause = 0.0  # the longest that a reply of this pass asked for

    def pass_on(self) -> Done | Pending:
        """Raises what the contract says of a refusal; then nothing was done, and the note is dropped."""
        if self._note.done is not None:
            return self._note.done
        for stage in sorted({part.stage for part in self._note.parts}):
            self._hold_back(stage)
            for index in range(len(self._note.parts)):
                if self._note.parts[index].stage == stage and self._note.parts[index].is_open:
                    self._step(index)
            if any(part.is_open for part in self._note.parts if part.stage == stage):
                return Pending(
                    op_key=self._note.op_key, retry_after_seconds=self._pause or PAUSE_SECONDS, lines=self._so_far()
                )
        return self._finish()

    def _hold_back(self, stage: int) -> None:
        """Adds before removes: where an addition is not to be seen, whatever was said of it, nothing is removed."""
        waiting = [i for i, p in enumerate(self._note.parts) if p.stage == stage and p.state == PartState.UNSENT]
        added = {part.block for part in self._note.parts if part.stage < stage and part.act == "add"}
        if not (waiting and added):
            return
        systems = self._view.systems()
        system = systems.named(self._note.tag)
        if system is None and not systems.is_complete:
            raise Transient("The listing of systems is not complete.")
        if system is not None and added <= set(system.members):
            return
        for index in waiting:
            part = self._note.parts[index]
            self._change(index, replace(part, state=PartState.NOT_DONE, reasons={part.block: KEPT}))

    def _step(self, index: int) -> None:
        part = self._note.parts[index]
        if part.state == PartState.SENT:
            self._look(index)
        elif part.state == PartState.RUNNING:
            self._ask_monitor(index)
        elif self._has_room():
            self._send(index)

    def _has_room(self) -> bool:
        """Devices are reset side by side; of two changes of one system at once a service may lose one."""
        under_way = [p for p in self._note.parts if p.state in (PartState.SENT, PartState.RUNNING)]
        most = self._profile.max_parallel_mutations if self._note.kind == Kind.CLEAN else 1
        return len(under_way) < max(1, most)

    def _send(self, index: int) -> None:
        """The intent is written first; what was certainly refused is as if never asked."""
        if self._note.kind == Kind.DECOMPOSE:
            self._require_quiet_compose()
        part = replace(self._note.parts[index], state=PartState.SENT, sent_at=self._clock())
        self._change(index, part)
        try:
            sent = self._requests.send(self._note, part)
            answer, is_release = sent.answer, part.act in RELEASES
            if sent.method:
                self._change(index, replace(part, method=sent.method))
            raised = None if answer.is_success or answer.status == 202 else refusal(answer, is_release=is_release)
        except DriverError as error:
            raised = error
        if raised is None:
            self._accept(index, answer)
        else:
            self._refuse(index, raised)

    def _accept(self, index: int, answer: Answer) -> None:
        part = self._note.parts[index]
        if answer.status != 202:
            self._change(index, self._ended(part, answer))
            return
        said = answer.headers.get("location") or str(answer.document.get("TaskMonitor", ""))
        monitor = self._view.service.wire.local(said)
        if not monitor:
            raise Unknown("The fabric manager accepted, and does not say where to ask.", detail=answer.detail)
        self._wait(answer)
        self._change(index, replace(self._progress(part, answer), state=PartState.RUNNING, monitor=monitor))

    def _refuse(self, index: int, raised: DriverError) -> None:
        """Raises the refusal, unless other parts of the operation go on or the fabric shows what we wanted."""
        part = self._note.parts[index]
        if isinstance(raised, Unknown):
            raise raised
        if self._is_as_wished(part):
            self._change(index, replace(part, state=PartState.DONE))
            return
        is_alone = all(p.state == PartState.UNSENT for i, p in enumerate(self._note.parts) if i != index)
        if isinstance(raised, Transient):
            self._change(index, replace(part, state=PartState.UNSENT))
            if not is_alone:
                return
        elif not is_alone or part.act == "clean":
            self._change(index, replace(part, state=PartState.NOT_DONE, reasons={part.block: str(raised)}))
            return
        self._notes.drop(self._note.op_key)
        raise raised

    def _is_as_wished(self, part: Part) -> bool:
        """A refusal may mean that an earlier request, thought lost, was carried out."""
        if part.act == "clean":
            return False
        try:
            system = self._view.systems().named(self._note.tag)
        except Transient:
            return False
        if part.act == "create":
            return system is not None and set(self._note.blocks) | {self._note.host} == set(system.members)
        if part.act in ("expand", "shrink") and system is not None:
            there = set(self._note.blocks) & set(system.members)
            return len(there) == (len(self._note.blocks) if part.act == "expand" else 0)
        if part.act in ("delete", "shrink") or system is None:
            return system is None
        return (part.block in system.members) == (part.act == "add")

    def _ask_monitor(self, index: int) -> None:
        """202 while it runs, then the answer the request would have had; some show the task itself instead."""
        part = self._note.parts[index]
        try:
            answer = self._view.service.wire.send("GET", part.monitor)
        except Unknown as error:
            raise Transient("The task could not be read.", detail=error.detail) from error
        if answer.status in (429, 503):
            raise refusal(answer)
        state = str(answer.document.get("TaskState", ""))
        if answer.status in GONE_STATUSES or (answer.status >= 500 and part.act != "clean"):
            self._change(index, replace(part, state=PartState.SENT, monitor=""))
            self._look(index)
        elif answer.status == 202 or (answer.is_success and state and state not in ENDED_WELL | ENDED_BADLY):
            self._wait(answer)
            self._change(index, self._progress(part, answer))
        elif answer.is_success and state not in ENDED_BADLY:
            self._change(index, self._ended(part, answer))
        else:
            told = {block: str(refusal(answer)) for block in self._blocks_of(part)} | reasons(answer)
            self._change(index, replace(part, state=PartState.NOT_DONE, reasons=told))

    def _look(self, index: int) -> None:
        """What became of a request whose reply was lost. Raises Unknown while that cannot be told."""
        part = self._note.parts[index]
        if part.act == "clean":  # a reset done twice is a reset
            self._change(index, replace(part, state=PartState.UNSENT))
            self._send(index)
            return
        systems = self._view.systems()
        if part.act == "create":
            self._look_for_system(index, systems)
        elif self._note.kind == Kind.COMPOSE and self._is_given_up():
            self._change(index, replace(part, state=PartState.NOT_DONE))
        elif self._is_as_wished(part) or (part.act == "expand" and self._is_begun(part, systems)):
            self._change(index, replace(part, state=PartState.DONE))
        elif self._is_quiet(part) and systems.is_complete:
            self._send(index)
        elif not self._is_moving():
            raise Unknown("It is not known yet whether the fabric has changed.", detail=self._note.op_key)

    def _look_for_system(self, index: int, systems: Systems) -> None:
        part, system = self._note.parts[index], systems.named(self._note.tag)
        if system is not None:
            is_whole = set(self._note.blocks) <= set(system.members)
            if is_whole or (self._is_quiet(part) and not self._is_moving()):
                self._change(index, replace(part, state=PartState.DONE))
        elif self._is_given_up():
            self._change(index, replace(part, state=PartState.NOT_DONE))
        elif self._is_moving():
            return
        elif self._is_quiet(part) and systems.is_complete:
            self._send(index)
        else:
            raise Unknown("It is not known yet whether the system was made.", detail=self._note.op_key)

    def _is_begun(self, part: Part, systems: Systems) -> bool:
        """Some of the blocks came, and nothing moves any more: the others failed, and are not asked for again."""
        system = systems.named(self._note.tag)
        there = set(self._note.blocks) & set(system.members) if system is not None else set()
        return bool(there) and self._is_quiet(part) and not self._is_moving()

    def _finish(self) -> Done:
        """The read-back. Raises Unknown where a success was claimed and nothing is shown."""
        note = self._note
        system = None if note.kind == Kind.CLEAN else self._view.systems().named(note.tag)
        members = frozenset(system.members) if system is not None else frozenset()
        is_claimed = note.parts != () and note.parts[0].state == PartState.DONE
        if note.kind == Kind.COMPOSE and system is None and is_claimed and not self._is_given_up():
            self._change(0, replace(note.parts[0], state=PartState.SENT))
            raise Unknown("The fabric manager says that it is done, and shows nothing.", detail=note.op_key)
        is_about_machine = note.kind in (Kind.COMPOSE, Kind.RESIZE)
        machine = self._view.machine(system) if system is not None and is_about_machine else None
        lines = tuple(self._line(block, members) for block in note.blocks)
        if note.kind == Kind.CLEAN:
            cleaned = [line.block for line in lines if line.outcome == BlockOutcome.DONE]
            self._notes.mark(cleaned, is_used=False)
        done = Done(op_key=note.op_key, machine=machine, lines=lines)
        self._notes.keep(replace(note, done=done))
        return done

    def _line(self, block: str, members: frozenset[str]) -> BlockLine:
        part = next(p for p in self._note.parts if p.block in ("", block))
        is_shown = (block in members) == (part.act in BINDS)
        is_done = part.state == PartState.DONE if part.act == "clean" else is_shown
        seconds = round(part.bound.get(block, self._clock() - part.sent_at), 3) if part.sent_at else 0.0
        if is_done:
            return BlockLine(block, BlockOutcome.DONE, seconds, method=part.method)
        reason = part.reasons.get(block, "the fabric does not show it done")
        return BlockLine(block, BlockOutcome.NOT_DONE, seconds, reason, part.method)

    def _so_far(self) -> tuple[BlockLine, ...]:
        """What the service's word settles before the end."""
        told = []
        for part in self._note.parts:
            for block in self._blocks_of(part):
                if block in part.reasons:
                    told.append(BlockLine(block, BlockOutcome.NOT_DONE, reason=part.reasons[block]))
                elif block in part.bound or (part.block and part.state == PartState.DONE):
                    told.append(BlockLine(block, BlockOutcome.DONE, round(part.bound.get(block, 0.0), 3)))
        return tuple(told)

    def _progress(self, part: Part, answer: Answer) -> Part:
        passed = self._clock() - part.sent_at
        bound = {**dict.fromkeys(settled(answer), passed), **part.bound}
        return replace(part, bound=bound, reasons={**part.reasons, **reasons(answer)})

    def _ended(self, part: Part, answer: Answer) -> Part:
        return replace(self._progress(part, answer), state=PartState.DONE)

    def _blocks_of(self, part: Part) -> tuple[str, ...]:
        return _blocks_of(self._note, part)

    def _is_moving(self) -> bool:
        return any(block.is_moving for block in self._view.named(self._note.blocks).values())

    def _is_quiet(self, part: Part) -> bool:
        return self._clock() - part.sent_at >= self._profile.settle_seconds

    def _is_given_up(self) -> bool:
        return bool(self._notes.of(self._note.tag, Kind.DECOMPOSE))

    def _require_quiet_compose(self) -> None:
        """A compose that is still on its way could make the system after we have found none to delete."""
        for note in self._notes.of(self._note.tag, Kind.COMPOSE):
            lost = [part for part in note.parts if part.state == PartState.SENT and not self._is_quiet(part)]
            if note.done is not None or not lost:
                continue
            system = self._view.systems().named(self._note.tag)
            wanted = set() if lost[0].act == "create" else {code for p in lost for code in _blocks_of(note, p)}
            if system is None or not wanted <= set(system.members):
                raise Unknown("A system of this name may still appear.", detail=note.op_key)

    def _wait(self, answer: Answer) -> None:
        self._pause = max(self._pause, answer.retry_after_seconds or 0.0)

    def _change(self, index: int, part: Part) -> None:
        """Raises Transient where another worker carries the same operation on."""
        changed = self._note.with_part(index, part)
        if not self._notes.swap(self._note, changed):
            raise Transient("Somebody else is at this operation.", detail=self._note.op_key)
        self._note = changed


def _blocks_of(note: Note, part: Part) -> tuple[str, ...]:
    return (part.block,) if part.block else note.blocks
