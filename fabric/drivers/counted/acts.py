"""What each kind of part asks, and how it is seen on the fabric what became of it."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

from fabric.drivers.base import BlockLine, BlockOutcome, DriverError, Unknown
from fabric.drivers.counted import checks
from fabric.drivers.counted.holdings import Asked, Holding, Holdings, resolved
from fabric.drivers.counted.operations import Act, Kind, Notebook, Operation, Part, PartState
from fabric.drivers.counted.profile import Profile
from fabric.drivers.counted.view import ATTACHED, COUNTED, DEVICES, MACHINES, DeviceView, MachineView, Shown, View
from fabric.drivers.counted.wire import ROOT, Wire

SUSPENDED = "SUSPENDED"
JOB = f"{ROOT}/job"
RESUME, CANCEL = f"{JOB}/actions/resume", f"{JOB}/actions/cancel"
METHOD = "reset by the fabric manager"
FEWER = "somebody else changed the count meanwhile"


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """All that an act works with."""

    wire: Wire
    view: View
    notebook: Notebook
    holdings: Holdings
    profile: Profile
    clock: Callable[[], float]

    def is_quiet(self, sent_at: float) -> bool:
        """Nothing of a request that was sent then can still be on its way."""
        return self.clock() - sent_at >= self.profile.settle_seconds

    def seen(self, host: str) -> tuple[MachineView, Holding]:
        """A machine and what of it is ours, with what our last request brought claimed and written down."""
        machine, holding = self.view.require_machine(host), self.holdings.at(host)
        return machine, self.holdings.change(holding, resolved(holding, machine))

    def settled(self, machine: MachineView, holding: Holding) -> Holding | None:
        """Ready for another change of ours; None while an earlier one is under way, which a later wish cancels.

        Raises Unknown while devices of an earlier one may still arrive.
        """
        if any(one.status in (Shown.ADDING, Shown.REMOVING) and holding.is_ours(one) for one in machine.devices):
            _try(self.wire, CANCEL)
            return None
        if holding.asked is not None and not self.is_quiet(holding.asked.sent_at):
            raise Unknown("Devices of this machine may still appear.", detail=holding.asked.op_key)
        return self.holdings.change(holding, replace(holding, asked=None))

    def line(self, part: Part, code: str, *, is_done: bool, reason: str = "") -> BlockLine:
        seconds = round(self.clock() - part.sent_at, 3) if part.sent_at else 0.0
        return BlockLine(code, BlockOutcome.DONE if is_done else BlockOutcome.NOT_DONE, seconds, reason)


class Acting(Protocol):
    """`ask` writes what is needed to recognise the result, and gives the request, or None where there is nothing to ask
    now; `look` follows what was asked, and leaves a part SENT of which nothing is to be seen."""

    def ask(self, operation: Operation, part: Part) -> tuple[Part, Request | None]: ...

    def look(self, operation: Operation, part: Part) -> Part: ...

    def refused(self, operation: Operation) -> None:
        """It was certainly not carried out."""


class Increase:
    def __init__(self, service: Service) -> None:
        self._service = service

    def ask(self, operation: Operation, part: Part) -> tuple[Part, Request | None]:
        """The count as it is now and so many more. Nobody else may be on the machine of a compose."""
        service = self._service
        machine, seen = service.seen(operation.host)
        if service.notebook.is_given_up(operation.tag):
            return part.refused("the name was given up"), None
        if (holding := service.settled(machine, seen)) is None:
            return part, None
        if operation.kind == Kind.COMPOSE:
            checks.require_host(holding, machine, tag=operation.tag)
        there, number = machine.of(part.spec), len(part.blocks)
        target = sum(1 for one in there if one.status in COUNTED) + number
        asked = Asked(
            op_key=operation.op_key,
            spec=part.spec,
            number=number,
            target=target,
            before={one.code: one.change for one in there},
            sent_at=service.clock(),
        )
        service.holdings.change(holding, replace(holding, tag=operation.tag, asked=asked))
        body = {"increase_resource_count": {"spec_uuid": part.spec, "device_count": target}}
        return _sent(part, asked.sent_at, {}), Request(_resize(operation.host), body)

    def look(self, operation: Operation, part: Part) -> Part:
        """Each device that came by our change. A job of ours that is suspended is resumed."""
        machine, holding = self._service.seen(operation.host)
        strange = {one.code for one in machine.devices if one.spec != part.spec}
        claims = set(holding.of(operation.op_key)) - strange  # an operation may have several increases, each of a spec
        if not claims:
            return self._unseen(operation, part, holding)
        part, shown = replace(part, state=PartState.RUNNING), {one.code: one for one in machine.devices}
        for code in sorted(claims - set(part.lines)):
            device = shown.get(code)
            if device is None or not holding.is_ours(device) or device.status == Shown.ADD_FAILED:
                reason = device.reason if device is not None else ""
                part = part.settled(self._service.line(part, code, is_done=False, reason=reason or "it is gone again"))
            elif device.status != Shown.ADDING:
                part = part.settled(self._service.line(part, code, is_done=True))
        if claims <= set(part.lines):
            return self._ended(part, len(claims))
        if machine.job == SUSPENDED:
            _try(self._service.wire, RESUME)
        return part

    def refused(self, operation: Operation) -> None:
        holding = self._service.holdings.at(operation.host)
        if holding.asked is not None and holding.asked.op_key == operation.op_key:
            self._service.holdings.change(holding, replace(holding, asked=None))

    def _unseen(self, operation: Operation, part: Part, holding: Holding) -> Part:
        """What was accepted is never asked for again, nor what a later change of the machine has overtaken."""
        if self._service.notebook.is_given_up(operation.tag):
            return part.refused("the name was given up")
        if part.state == PartState.RUNNING:
            is_quiet = self._service.is_quiet(part.sent_at)
            return part.refused("the fabric does not show it done") if is_quiet else part
        if holding.asked is None or holding.asked.op_key != operation.op_key:
            return part.refused("a later change has overtaken it")
        return replace(part, state=PartState.SENT)

    def _ended(self, part: Part, came: int) -> Part:
        """Blocks for which nothing came are told under their own names."""
        part = replace(part, state=PartState.ENDED)
        for code in [code for code in part.blocks if code not in part.lines][: len(part.blocks) - came]:
            part = part.settled(self._service.line(part, code, is_done=False, reason=FEWER))
        return part


class Remove:
    """Of a decompose everything of ours, which may grow while an increase is still under way."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def ask(self, operation: Operation, part: Part) -> tuple[Part, Request | None]:
        """The devices of one spec at a time; ended when there are none left."""
        machine, seen = self._service.seen(operation.host)
        if (holding := self._service.settled(machine, seen)) is None:
            return part, None
        left = [one for one in holding.ours(machine) if self._is_wanted(operation, part, one)]
        if not left:
            gone = (code for code in part.blocks if code not in part.lines)
            for code in gone:
                part = part.settled(self._service.line(part, code, is_done=True))
            return replace(part, state=PartState.ENDED), None
        spec = left[0].spec
        current = {one.code: one.last_change for one in left if one.spec == spec}
        body = {"remove_resources": {"spec_uuid": spec, "devices": sorted(current)}}
        return _sent(part, self._service.clock(), current), Request(_resize(operation.host), body)

    def look(self, operation: Operation, part: Part) -> Part:
        machine, holding = self._service.seen(operation.host)
        shown = {one.code: one for one in machine.devices if holding.is_ours(one)}
        begun = {code for code in part.current if _has_begun(shown.get(code), part.current[code])}
        for code in sorted(begun):
            device = shown.get(code)
            if device is None or not device.is_attached:
                part = part.settled(self._service.line(part, code, is_done=True))
            elif device.status == Shown.REMOVE_FAILED:
                part = part.settled(self._service.line(part, code, is_done=False, reason=device.reason))
        if set(part.current) <= set(part.lines):
            return replace(part, state=PartState.UNSENT, current={})
        part = replace(part, state=PartState.RUNNING if begun - set(part.lines) else PartState.SENT)
        if machine.job == SUSPENDED:
            _try(self._service.wire, RESUME)
        return part

    def refused(self, operation: Operation) -> None:
        """Nothing was written down for it."""

    def _is_wanted(self, operation: Operation, part: Part, device: DeviceView) -> bool:
        is_named = operation.kind == Kind.DECOMPOSE or device.code in part.blocks
        return is_named and device.code not in part.lines


class Reset:
    def __init__(self, service: Service) -> None:
        self._service = service

    def ask(self, operation: Operation, part: Part) -> tuple[Part, Request | None]:
        code = part.blocks[0]
        device = self._service.view.device(code)
        if device is None or device.status == Shown.ABSENT:
            return part.refused("the device is not there"), None
        if device.status == Shown.RESETTING:
            _try(self._service.wire, CANCEL)
            return part, None
        sent = _sent(part, self._service.clock(), {code: device.last_change})
        return sent, Request(f"{DEVICES}/{code}/actions/reset", {})

    def look(self, operation: Operation, part: Part) -> Part:
        code = part.blocks[0]
        device = self._service.view.device(code)
        if device is None or device.status == Shown.ABSENT:
            return part.refused("the device is not there")
        if device.last_change <= part.current[code]:
            return replace(part, state=PartState.SENT)
        if device.status == Shown.RESETTING:
            if (self._service.wire.get(JOB, "job") or {}).get("state") == SUSPENDED:
                _try(self._service.wire, RESUME)
            return replace(part, state=PartState.RUNNING)
        is_done = device.status == Shown.RESET and device.is_clean
        reason = "" if is_done else device.reason or "the fabric does not show it reset"
        line = replace(self._service.line(part, code, is_done=is_done, reason=reason), method=METHOD)
        return replace(part.settled(line), state=PartState.ENDED)

    def refused(self, operation: Operation) -> None:
        """Nothing was written down for it."""


def acts(service: Service) -> Mapping[Act, Acting]:
    return {Act.INCREASE: Increase(service), Act.REMOVE: Remove(service), Act.RESET: Reset(service)}


def _sent(part: Part, at: float, current: Mapping[str, int]) -> Part:
    return replace(part, state=PartState.SENT, sent_at=at, current=dict(current))


def _has_begun(device: DeviceView | None, before: int) -> bool:
    """What is gone is removed, by whomever."""
    return device is None or device.status not in ATTACHED or device.last_change > before


def _resize(host: str) -> str:
    return f"{MACHINES}/{host}/actions/resize"


def _try(wire: Wire, path: str) -> None:
    """It is seen later whether it helped; an operation that does not end has its deadline."""
    with suppress(DriverError):
        wire.send(path, {})
