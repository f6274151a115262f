"""The driver of a counted fabric: it looks, writes the intent down, and then `conduct` carries the operation on."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fabric.drivers.base import (
    Capabilities,
    CardSetting,
    Conflict,
    Done,
    Inventory,
    Machine,
    Pending,
    Permanent,
    Precondition,
    Proof,
    SeenDevice,
    SeenHost,
    Transient,
    Unknown,
)
from fabric.drivers.counted import checks
from fabric.drivers.counted.acts import Service
from fabric.drivers.counted.conduct import Conduct
from fabric.drivers.counted.holdings import Holding, Holdings, resolved
from fabric.drivers.counted.operations import Act, Kind, Notebook, Operation, Part
from fabric.drivers.counted.profile import Profile
from fabric.drivers.counted.view import MACHINES, DeviceView, MachineView, Shown, View
from fabric.drivers.counted.wire import Wire
from fabric.drivers.credentials import Credentials
from fabric.drivers.notes import Notes
from fabric.drivers.profiles import overlaid


class CountedDriver:
    """Any number of these may drive one service, as long as they share their notes. `clock` gives seconds."""

    def __init__(
        self,
        *,
        endpoint: str,
        credentials: Credentials,
        notes: Notes,
        clock: Callable[[], float],
        profile: Mapping[str, Any] | None = None,
    ) -> None:
        self._profile = overlaid(Profile(), profile or {})
        self._wire = Wire(endpoint=endpoint, credentials=credentials, profile=self._profile)
        self._view = View(wire=self._wire, profile=self._profile, notes=notes)
        self._notebook, self._holdings = Notebook(notes), Holdings(notes)
        self._service = Service(
            wire=self._wire,
            view=self._view,
            notebook=self._notebook,
            holdings=self._holdings,
            profile=self._profile,
            clock=clock,
        )

    def close(self) -> None:
        self._wire.close()

    def capabilities(self) -> Capabilities:
        profile = self._profile
        return Capabilities(
            max_parallel_mutations=1,  # one job at a time for the whole fabric, whatever an operator says
            needs_host_off=profile.needs_host_off,
            is_async=True,
            can_resize=True,
            blocks_max=profile.blocks_max,
            name_max=profile.name_max,
            attach_seconds_max=profile.attach_seconds_max,
            detach_seconds_max=profile.detach_seconds_max,
            picks_devices=True,
            can_configure=False,
            notes=("counted",),
        )

    def inventory(self) -> Inventory:
        with self._wire.call():
            machines, has_all_machines = self._view.machines()
            devices, has_all_devices = self._view.devices()
            holdings = {one.host: resolved(self._holdings.at(one.host), one) for one in machines}
            found = [_machine(holdings[one.host], one) for one in machines]
            return Inventory(
                devices=self._seen(devices, holdings),
                machines=tuple(one for one in found if one is not None),
                is_complete=has_all_machines and has_all_devices,
                hosts=tuple(SeenHost(code=one.host, is_on=one.is_on, boot_id=one.boot_id) for one in machines),
            )

    def configure(self, *, op_key: str, tag: str, settings: Mapping[str, CardSetting]) -> Done | Pending:
        raise Permanent("A counted fabric does not cut or cap cards.", blocks=sorted(settings))

    def compose(self, *, op_key: str, tag: str, host: str, blocks: Sequence[str]) -> Done | Pending:
        request = json.dumps([Kind.COMPOSE, tag, host, sorted(blocks)])
        with self._wire.call():
            if (known := self._known(op_key, request)) is not None:
                return self._pass_on(known)
            shown = checks.compose(
                self._view, self._notebook, self._holdings, tag=tag, host=host, blocks=blocks, profile=self._profile
            )
            return self._begin(op_key, Kind.COMPOSE, tag, host, request, _increases(shown))

    def resize(self, *, op_key: str, tag: str, add: Sequence[str], remove: Sequence[str]) -> Done | Pending:
        request = json.dumps([Kind.RESIZE, tag, sorted(add), sorted(remove)])
        with self._wire.call():
            if (known := self._known(op_key, request)) is not None:
                return self._pass_on(known)
            machine = self._machine_of(tag)
            if machine is None or self._notebook.is_given_up(tag):
                raise Conflict(f"There is no machine {tag}.")
            if strangers := sorted(set(remove) - machine.blocks):
                raise Conflict(f"Not of {tag}: {', '.join(strangers)}.", blocks=strangers)
            parts = _increases(checks.idle(self._view, add)) if add else []
            parts += [Part(act=Act.REMOVE, blocks=tuple(sorted(remove)))] if remove else []
            return self._begin(op_key, Kind.RESIZE, tag, machine.host, request, parts)

    def decompose(self, *, op_key: str, tag: str) -> Done | Pending:
        """A name that no note of ours knows is nobody's: nothing on this fabric carries one."""
        request = json.dumps([Kind.DECOMPOSE, tag])
        with self._wire.call():
            if (known := self._known(op_key, request)) is not None:
                return self._pass_on(known)
            host = self._host_of(tag) or ""
            parts = [Part(act=Act.REMOVE)] if host else []
            return self._begin(op_key, Kind.DECOMPOSE, tag, host, request, parts)

    def clean(self, *, op_key: str, blocks: Sequence[str]) -> Done | Pending:
        request = json.dumps([Kind.CLEAN, sorted(blocks)])
        with self._wire.call():
            if (known := self._known(op_key, request)) is not None:
                return self._pass_on(known)
            checks.clean(self._view, blocks=blocks)
            parts = [Part(act=Act.RESET, blocks=(block,)) for block in blocks]
            return self._begin(op_key, Kind.CLEAN, "", "", request, parts)

    def poll(self, op_key: str) -> Done | Pending:
        operation = self._notebook.find(op_key)
        if operation is None:
            raise Unknown("The fabric does not know this operation.", detail=op_key)
        with self._wire.call():
            return self._pass_on(operation)

    def read(self, tag: str) -> Machine | None:
        with self._wire.call():
            return self._machine_of(tag)

    def find(self, *, tag: str, blocks: Sequence[str]) -> tuple[SeenDevice, ...]:
        with self._wire.call():
            shown = self._view.named(sorted(blocks))
            hosts = sorted({one.host for one in shown.values() if one.host is not None and one.is_attached})
            return self._seen(list(shown.values()), {host: self._resolved(host) for host in hosts})

    def power(self, *, host: str, on: bool) -> None:
        with self._wire.call():
            if self._view.require_machine(host).is_on != on:
                self._wire.send(f"{MACHINES}/{host}/actions/power", {"power": "on" if on else "off"})

    def in_use(self, tag: str) -> frozenset[str]:
        with self._wire.call():
            host = self._host_of(tag)
            if host is None:
                return frozenset()
            machine = self._view.require_machine(host)
            functions = self._view.bus(host).functions
            ours = resolved(self._holdings.at(host), machine).ours(machine)
            return frozenset(one.code for one in ours if functions.get(one.serial))

    def prove(self, *, tag: str, expected: Sequence[str]) -> Proof:
        """By serial number: what is on the host's bus, whoever put it there. Raises Precondition while it is off."""
        with self._wire.call():
            wanted, host = frozenset(expected), self._host_of(tag)
            if host is None:
                return Proof(devices=(), missing=wanted, extra=frozenset())
            bus = self._view.bus(host)
            if not bus.is_on:
                raise Precondition(f"Host {host} is off.")
            devices, is_complete = self._view.devices()
            if not is_complete:
                raise Transient("The listing of devices is not complete.")
            shown = [one for one in devices if one.serial in bus.functions]
            codes = frozenset(one.code for one in shown)
            strange = frozenset(bus.functions) - {one.serial for one in shown}
            hosts = {one.host for one in shown if one.host is not None}
            return Proof(
                devices=self._seen(shown, {code: self._resolved(code) for code in sorted(hosts)}),
                missing=wanted - codes,
                extra=(codes - wanted) | strange,
            )

    def events(self, cursor: str) -> Iterable[str]:
        """It tells of none."""
        return []

    def _host_of(self, tag: str) -> str | None:
        """By our notes, and only while the host is still held under this name."""
        for operation in self._notebook.of(tag, Kind.COMPOSE):
            if self._holdings.at(operation.host).tag == tag:
                return operation.host
        return None

    def _machine_of(self, tag: str) -> Machine | None:
        host = self._host_of(tag)
        if host is None:
            return None
        machine = self._view.require_machine(host)
        return _machine(resolved(self._holdings.at(host), machine), machine)

    def _resolved(self, host: str) -> Holding:
        """With a look at the machine only where something of ours was not seen yet."""
        holding = self._holdings.at(host)
        return resolved(holding, self._view.require_machine(host)) if holding.asked is not None else holding

    def _seen(self, devices: Sequence[DeviceView], holdings: Mapping[str, Holding]) -> tuple[SeenDevice, ...]:
        """A device on a host that no note of ours claims is somebody's who has no name here."""
        present = [one for one in devices if one.status != Shown.ABSENT]
        return tuple(self._device(one, holdings.get(one.host or "")) for one in sorted(present, key=lambda d: d.code))

    def _device(self, one: DeviceView, holding: Holding | None) -> SeenDevice:
        is_ours = holding is not None and holding.is_ours(one) and one.is_attached
        return SeenDevice(
            block=one.code,
            device_class=self._profile.classes.get(one.model, one.model),
            serial=one.serial,
            pci_id=one.pci_id,
            address=one.address if one.is_attached else "",
            host=one.host if one.is_attached else None,
            tag=holding.tag if holding is not None and is_ours else None,
            health=one.health,
            is_clean=one.is_clean,
            lanes=one.lanes,
        )

    def _known(self, op_key: str, request: str) -> Operation | None:
        """What was begun under this key before. Raises Permanent if it was something else."""
        if not op_key:
            raise Permanent("A mutation needs an operation key.")
        operation = self._notebook.find(op_key)
        if operation is not None and operation.request != request:
            raise Permanent("The operation key belongs to another request.", detail=op_key)
        return operation

    def _begin(
        self, op_key: str, kind: Kind, tag: str, host: str, request: str, parts: Sequence[Part]
    ) -> Done | Pending:
        operation = Operation(op_key=op_key, kind=kind, tag=tag, host=host, request=request, parts=tuple(parts))
        if not self._notebook.begin(operation):
            if self._notebook.is_given_up(tag):
                raise checks.given_up(tag)
            raise Transient("Somebody else is at this operation.", detail=op_key)
        return self._pass_on(operation)

    def _pass_on(self, operation: Operation) -> Done | Pending:
        return Conduct(operation, service=self._service).pass_on()


def _increases(shown: Mapping[str, DeviceView]) -> list[Part]:
    """One for each spec."""
    specs = sorted({one.spec for one in shown.values()})
    return [
        Part(act=Act.INCREASE, spec=spec, blocks=tuple(sorted(c for c, one in shown.items() if one.spec == spec)))
        for spec in specs
    ]


def _machine(holding: Holding, machine: MachineView) -> Machine | None:
    blocks = frozenset(one.code for one in holding.ours(machine))
    if not holding.tag or not (holding.is_made or blocks):
        return None
    return Machine(holding.tag, machine.host, blocks, machine.address)
