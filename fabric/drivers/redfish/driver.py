"""The driver of a Redfish service: it looks, writes the intent down, and then `conduct` carries the operation on."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fabric.drivers.base import (
    Capabilities,
    CardSetting,
    ContractBroken,
    Done,
    DriverError,
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
from fabric.drivers.credentials import Credentials
from fabric.drivers.notes import Notes
from fabric.drivers.profiles import overlaid
from fabric.drivers.redfish import checks
from fabric.drivers.redfish.answers import refusal
from fabric.drivers.redfish.conduct import Conduct
from fabric.drivers.redfish.devices import Devices
from fabric.drivers.redfish.expanding import Expanding
from fabric.drivers.redfish.holding import Holds
from fabric.drivers.redfish.notes import Kind, Note, Notebook, Part, PartState
from fabric.drivers.redfish.profile import Profile
from fabric.drivers.redfish.requests import Requests
from fabric.drivers.redfish.service import Service
from fabric.drivers.redfish.streams import hints
from fabric.drivers.redfish.view import BlockView, Systems, View, power_target
from fabric.drivers.redfish.wire import Wire

ON, OFF = "On", "Off"


class RedfishDriver:
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
        self._notes = Notebook(notes)
        self._clock = clock
        holds, service = Holds(notes), Service(wire=self._wire, profile=self._profile)
        self._view = View(service=service, notes=self._notes, holds=holds)
        self._expanding = Expanding(view=self._view, notes=self._notes, holds=holds)
        self._devices = Devices(service=service)
        self._requests = Requests(view=self._view, devices=self._devices)

    def close(self) -> None:
        self._wire.close()

    def capabilities(self) -> Capabilities:
        profile = self._profile
        return Capabilities(
            max_parallel_mutations=profile.max_parallel_mutations,
            needs_host_off=profile.needs_host_off,
            is_async=True,  # any service may answer 202 to anything (DSP0266 12.2)
            can_resize=True,
            blocks_max=profile.blocks_max,
            name_max=profile.name_max,
            attach_seconds_max=profile.attach_seconds_max,
            detach_seconds_max=profile.detach_seconds_max,
            can_configure=False,
            notes=("redfish",),
        )

    def found(self) -> Mapping[str, Any]:
        """What the service says of itself, by the names of the profile."""
        with self._wire.call():
            places = self._view.service.places()
        found = {"hosts": "expanded" if places.is_expandable else "composed"}
        return found | ({} if places.is_expandable else {"creating": _ways(places.compose_action)})

    def inventory(self) -> Inventory:
        with self._wire.call():
            blocks, is_complete = self._view.blocks()
            systems = self._view.systems()
            shown = [block for block in blocks if block.is_present and not block.is_compute]
            named = sorted((one for one in systems.all if self._expanding.is_made(one)), key=lambda one: one.name)
            machines = tuple(self._view.machine(one) for one in named)
            devices = self._seen(shown, systems, is_strict=False)
            hosts = tuple(self._seen_host(block) for block in blocks if block.is_compute)
        is_whole = is_complete and systems.is_complete
        return Inventory(devices=devices, machines=machines, is_complete=is_whole, hosts=hosts)

    def _seen_host(self, block: BlockView) -> SeenHost:
        """The moment of its last reset is another after every boot (ComputerSystem 1.12)."""
        own = self._view.own_system(block)
        state = own.get("PowerState")
        return SeenHost(
            code=block.code,
            is_on=state == ON if state in (ON, OFF) else None,
            boot_id=str(own.get("LastResetTime") or ""),
        )

    def configure(self, *, op_key: str, tag: str, settings: Mapping[str, CardSetting]) -> Done | Pending:
        raise Permanent("A Redfish fabric does not cut or cap cards.", blocks=sorted(settings))

    def compose(self, *, op_key: str, tag: str, host: str, blocks: Sequence[str]) -> Done | Pending:
        request = json.dumps([Kind.COMPOSE, tag, host, sorted(blocks)])
        with self._wire.call():
            if (known := self._known(op_key, request)) is not None:
                return self._pass_on(known)
            parts: tuple[Part, ...] = (Part(act="create"),)
            if self._notes.of(tag, Kind.DECOMPOSE):
                raise checks.given_up(tag)
            is_adopted = checks.compose(
                self._view, self._notes, op_key=op_key, tag=tag, host=host, blocks=blocks, profile=self._profile
            )
            if self._expanding.is_so:
                parts = self._expanding.take(op_key=op_key, tag=tag, host=host, blocks=blocks)
            if is_adopted:
                parts = tuple(replace(part, state=PartState.SENT, sent_at=self._clock()) for part in parts)
            note = Note(
                op_key=op_key, kind=Kind.COMPOSE, tag=tag, host=host, request=request, blocks=tuple(blocks), parts=parts
            )
            return self._begin(note, using=blocks)

    def resize(self, *, op_key: str, tag: str, add: Sequence[str], remove: Sequence[str]) -> Done | Pending:
        request = json.dumps([Kind.RESIZE, tag, sorted(add), sorted(remove)])
        with self._wire.call():
            if (known := self._known(op_key, request)) is not None:
                return self._pass_on(known)
            checks.resize(self._view, self._notes, tag=tag, add=add, remove=remove, profile=self._profile)
            self._expanding.add(tag=tag, blocks=add)
            parts = [Part(act="add", block=block) for block in add]
            parts += [Part(act="remove", block=block, stage=1) for block in remove]
            note = Note(
                op_key=op_key,
                kind=Kind.RESIZE,
                tag=tag,
                host="",
                request=request,
                blocks=(*add, *remove),
                parts=tuple(parts),
            )
            return self._begin(note, using=add)

    def decompose(self, *, op_key: str, tag: str) -> Done | Pending:
        request = json.dumps([Kind.DECOMPOSE, tag])
        with self._wire.call():
            if (known := self._known(op_key, request)) is not None:
                return self._pass_on(known)
            system = self._view.systems().named(tag)
            checks.ours(system, self._notes, tag=tag, profile=self._profile)
            blocks = tuple(sorted(self._view.machine(system).blocks)) if system is not None else ()
            parts: tuple[Part, ...] = (Part(act="delete"),)
            if self._expanding.is_so:
                blocks, parts = self._expanding.give_back(tag=tag)
            note = Note(
                op_key=op_key,
                kind=Kind.DECOMPOSE,
                tag=tag,
                host="",
                request=request,
                blocks=blocks,
                parts=parts,
            )
            return self._begin(note, using=())

    def clean(self, *, op_key: str, blocks: Sequence[str]) -> Done | Pending:
        request = json.dumps([Kind.CLEAN, sorted(blocks)])
        with self._wire.call():
            if (known := self._known(op_key, request)) is not None:
                return self._pass_on(known)
            checks.clean(self._view, blocks=blocks)
            note = Note(
                op_key=op_key,
                kind=Kind.CLEAN,
                tag="",
                host="",
                request=request,
                blocks=tuple(blocks),
                parts=tuple(Part(act="clean", block=block) for block in blocks),
            )
            return self._begin(note, using=())

    def poll(self, op_key: str) -> Done | Pending:
        note = self._notes.find(op_key)
        if note is None:
            raise Unknown("The fabric does not know this operation.", detail=op_key)
        with self._wire.call():
            return self._pass_on(note)

    def read(self, tag: str) -> Machine | None:
        with self._wire.call():
            system = self._systems().named(tag)
            is_made = system is not None and self._expanding.is_made(system)
            return self._view.machine(system) if system is not None and is_made else None

    def find(self, *, tag: str, blocks: Sequence[str]) -> tuple[SeenDevice, ...]:
        with self._wire.call():
            shown = self._view.named(sorted(blocks))
            return self._seen([block for block in shown.values() if block.is_present], self._systems())

    def power(self, *, host: str, on: bool) -> None:
        wanted = ON if on else OFF
        with self._wire.call():
            own = self._view.own_system(self._view.host(host))
            if own.get("PowerState") == wanted:
                return
            address = self._wire.local(power_target(own))
            if not address:
                raise Permanent(f"The service does not offer to switch host {host}.")
            answer = self._wire.send("POST", address, {"ResetType": "On" if on else "ForceOff"})
            if not answer.is_success:
                raise refusal(answer)

    def in_use(self, tag: str) -> frozenset[str]:
        """The standard has no word for the processes on a device; a fabric that cares refuses to take it away."""
        return frozenset()

    def prove(self, *, tag: str, expected: Sequence[str]) -> Proof:
        """By serial number: what is on the host's bus, whoever put it there. Raises Precondition while it is off."""
        with self._wire.call():
            systems, wanted = self._systems(), frozenset(expected)
            system = systems.named(tag)
            if system is None:
                return Proof(devices=(), missing=wanted, extra=frozenset())
            host = self._view.machine(system).host
            if self._view.own_system(self._view.host(host)).get("PowerState") == OFF:
                raise Precondition(f"Host {host} is off.")
            on_bus = self._devices.on_bus(system.document)
            blocks, _ = self._view.blocks()
            shown = [b for b in blocks if not b.is_compute and self._devices.of(b)[0].serial in on_bus]
            codes = frozenset(block.code for block in shown)
            strange = set(on_bus) - {self._devices.of(block)[0].serial for block in shown}
            return Proof(
                devices=self._seen(shown, systems),
                missing=wanted - codes,
                extra=(codes - wanted - self._expanding.base_of(tag)) | frozenset(strange),
            )

    def events(self, cursor: str) -> Iterable[str]:
        with self._wire.call():
            stream = self._view.service.places().event_stream
            return hints(self._wire.events(stream, cursor=cursor)) if stream else []

    def _systems(self) -> Systems:
        """Raises Transient for a partial listing, which does not tell who holds what."""
        systems = self._view.systems()
        if not systems.is_complete:
            raise Transient("The listing of systems is not complete.")
        return systems

    def _seen(self, blocks: Sequence[BlockView], systems: Systems, *, is_strict: bool = True) -> tuple[SeenDevice, ...]:
        """Whoever holds them by any account. What two systems claim raises ContractBroken, or is shown as not well."""
        used, owners, torn = self._notes.used(), {}, set()
        for block in blocks:
            holding = systems.holding(block.code)
            if len(holding) > 1 and is_strict:
                told = ", ".join(one.name for one in holding)
                raise ContractBroken(f"Block {block.code} belongs to several.", detail=told, blocks=[block.code])
            if len(holding) > 1:
                torn.add(block.code)
            owners[block.code] = self._view.machine(holding[0]) if holding else None
        attached = {code for code, machine in owners.items() if machine is not None}
        if new := attached - used:
            self._notes.mark(new, is_used=True)
        seen = []
        for block in sorted(blocks, key=lambda one: one.code):
            owner = owners[block.code]
            host, tag = (owner.host or None, owner.tag or None) if owner is not None else (None, None)
            is_clean = block.code not in used | attached
            device = self._devices.seen(block, host=host, tag=tag, is_clean=is_clean)
            seen.append(replace(device, health="failed") if block.code in torn else device)
        return tuple(seen)

    def _known(self, op_key: str, request: str) -> Note | None:
        """The note of a key that was used before. Raises Permanent if it was for something else."""
        if not op_key:
            raise Permanent("A mutation needs an operation key.")
        note = self._notes.find(op_key)
        if note is not None and note.request != request:
            raise Permanent("The operation key belongs to another request.", detail=op_key)
        return note

    def _begin(self, note: Note, *, using: Sequence[str]) -> Done | Pending:
        """From here on the blocks count as used, unless the request is certainly refused."""
        if not self._notes.begin(note):
            if note.kind == Kind.COMPOSE and self._notes.find(note.op_key) is None:
                self._expanding.undo(note)
            if self._notes.of(note.tag, Kind.DECOMPOSE):
                raise checks.given_up(note.tag)
            raise Transient("Somebody else is at this operation.", detail=note.op_key)
        fresh = set(using) - self._notes.used()
        self._notes.mark(fresh, is_used=True)
        try:
            return self._pass_on(note)
        except DriverError:
            if self._notes.find(note.op_key) is None:
                self._notes.mark(fresh, is_used=False)
            raise

    def _pass_on(self, note: Note) -> Done | Pending:
        conduct = Conduct(note, view=self._view, notes=self._notes, requests=self._requests, clock=self._clock)
        try:
            reply = conduct.pass_on()
        except DriverError:
            if self._notes.find(note.op_key) is None:
                self._expanding.undo(note)
            raise
        if isinstance(reply, Done):
            self._expanding.settle(note, reply)
        return reply


def _ways(compose_action: str) -> str:
    """How a system can be made there."""
    return "post or manifest" if compose_action else "post"
