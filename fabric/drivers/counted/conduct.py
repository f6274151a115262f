"""Carrying an operation on, one pass a call: ask what is due, and look at the machine for what became of it.

One request at a time. A request whose reply was lost is sent again only when a look, taken after the longest time the
service may still be working on it, shows nothing of it: a count is never increased twice.
"""

from dataclasses import replace

from fabric.drivers.base import Conflict, Done, DriverError, Machine, Pending, Transient, Unknown
from fabric.drivers.counted.acts import Acting, Service, acts
from fabric.drivers.counted.holdings import Holding
from fabric.drivers.counted.operations import Act, Kind, Operation, Part, PartState

STEPS_MAX = 64  # of one pass: a part may be many requests, each of which may end at once
KEPT = "not removed, since an addition failed"


class Conduct:
    """One pass over one operation."""

    def __init__(self, operation: Operation, *, service: Service) -> None:
        self._operation = operation
        self._service = service
        self._acts = acts(service)

    def pass_on(self) -> Done | Pending:
        """Raises what the contract says of a refusal; then nothing was done, and the note is dropped."""
        if self._operation.done is not None:
            return self._operation.done
        for _ in range(STEPS_MAX):
            index = next((i for i, part in enumerate(self._operation.parts) if part.is_open), None)
            if index is None:
                return self._finish()
            before = self._operation.parts[index]
            self._step(index, self._acts[before.act])
            if self._operation.parts[index] == before or self._operation.parts[index].state == PartState.RUNNING:
                break
        return Pending(
            op_key=self._operation.op_key,
            retry_after_seconds=self._service.profile.poll_seconds,
            lines=self._operation.lines,
        )

    def _step(self, index: int, act: Acting) -> None:
        part = self._operation.parts[index]
        if part.state == PartState.UNSENT:
            self._send(index, act)
            return
        seen = act.look(self._operation, part)
        if seen.state != PartState.SENT:
            self._change(index, seen)
        elif part.act == Act.RESET or self._service.is_quiet(part.sent_at):  # a reset done twice is a reset
            self._send(index, act)
        elif part.state == PartState.SENT:
            raise Unknown("It is not known yet whether the fabric has changed.", detail=self._operation.op_key)

    def _send(self, index: int, act: Acting) -> None:
        """The intent is written first; what was certainly refused is as if never asked."""
        earlier = self._operation.parts[index]
        if earlier.act == Act.REMOVE and self._is_kept(index):
            self._change(index, earlier.refused(KEPT))
            return
        try:
            part, request = act.ask(self._operation, earlier)
        except Transient:
            raise
        except DriverError as raised:
            self._refuse(index, act, raised)
            return
        if part != earlier:
            self._change(index, part)
        if request is None:
            return
        try:
            if not self._service.wire.send(request.path, request.body) and part.act == Act.INCREASE:
                raise Conflict("Somebody else has raised the count meanwhile.")
        except Unknown:
            raise
        except DriverError as raised:
            self._refuse(index, act, raised)
        else:
            self._change(index, replace(part, state=PartState.RUNNING))
            self._watch(index, act)

    def _watch(self, index: int, act: Acting) -> None:
        """At once: what came by our change is best told while it is on its way. Accepted is accepted, seen or not."""
        try:
            seen = act.look(self._operation, self._operation.parts[index])
        except Transient:
            return
        if seen.state != PartState.SENT:
            self._change(index, seen)

    def _refuse(self, index: int, act: Acting, raised: DriverError) -> None:
        """Raises the refusal, unless other parts of the operation have gone on."""
        if isinstance(raised, Unknown):
            raise raised
        act.refused(self._operation)
        part = self._operation.parts[index]
        is_alone = all(one == replace(one, state=PartState.UNSENT, lines={}) for one in self._others(index))
        is_alone = is_alone and not part.lines
        if isinstance(raised, Transient) and not is_alone:
            self._change(index, replace(part, state=PartState.UNSENT, current={}))
        elif not is_alone or (part.act == Act.RESET and not isinstance(raised, Transient)):
            self._change(index, part.refused(str(raised)))
        else:
            self._service.notebook.drop(self._operation.op_key)
            self._let_go()
            raise raised

    def _finish(self) -> Done:
        operation, machine = self._operation, None
        if operation.kind in (Kind.COMPOSE, Kind.RESIZE):
            machine = self._made()
        elif operation.kind == Kind.DECOMPOSE and operation.host:
            self._let_go()
        done = Done(op_key=operation.op_key, machine=machine, lines=operation.lines)
        self._service.notebook.keep(replace(operation, done=done))
        return done

    def _made(self) -> Machine | None:
        """The read-back; None where the machine was given up meanwhile."""
        machine, holding = self._service.seen(self._operation.host)
        if self._service.notebook.is_given_up(self._operation.tag) or holding.tag not in ("", self._operation.tag):
            return None
        holding = self._service.holdings.change(holding, replace(holding, tag=self._operation.tag, is_made=True))
        blocks = frozenset(one.code for one in holding.ours(machine))
        return Machine(self._operation.tag, machine.host, blocks, machine.address)

    def _let_go(self) -> None:
        """Of a host on which nothing is ours."""
        if not self._operation.host:
            return
        holding = self._service.holdings.at(self._operation.host)
        if holding.tag != self._operation.tag or holding.asked is not None:
            return
        machine = self._service.view.require_machine(self._operation.host)
        if not holding.ours(machine):
            self._service.holdings.change(holding, Holding(host=holding.host))

    def _is_kept(self, index: int) -> bool:
        """Adds before removes: what an addition has failed to replace stays."""
        earlier = self._operation.parts[:index]
        return self._operation.kind == Kind.RESIZE and any(part.has_failed for part in earlier)

    def _others(self, index: int) -> list[Part]:
        return [part for i, part in enumerate(self._operation.parts) if i != index]

    def _change(self, index: int, part: Part) -> None:
        """Raises Transient where another worker carries the same operation on."""
        changed = self._operation.with_part(index, part)
        if not self._service.notebook.swap(self._operation, changed):
            raise Transient("Somebody else is at this operation.", detail=self._operation.op_key)
        self._operation = changed
