"""What the control plane shows: machines and devices, read with distrust. A partial listing never means "gone"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fabric.drivers.base import Permanent, Transient
from fabric.drivers.counted.profile import Profile
from fabric.drivers.counted.wire import ROOT, Wire
from fabric.drivers.notes import Notes

MACHINES, DEVICES = f"{ROOT}/machines", f"{ROOT}/devices"


class Shown(StrEnum):
    """Statuses of a device that decide something here, as the control plane writes them."""

    ABSENT = "ABSENT"
    ADDING = "ADD_IN_PROGRESS"
    ADDED = "ADD_COMPLETE"
    ADD_FAILED = "ADD_FAILED"
    REMOVING = "REMOVE_IN_PROGRESS"
    REMOVED = "REMOVE_COMPLETE"
    REMOVE_FAILED = "REMOVE_FAILED"
    RESETTING = "RESET_IN_PROGRESS"
    RESET = "RESET_COMPLETE"
    RESET_FAILED = "RESET_FAILED"


ATTACHED = frozenset({Shown.ADDED, Shown.REMOVING, Shown.REMOVE_FAILED})
COUNTED = ATTACHED | {Shown.ADDING}
BUSY = COUNTED | {Shown.RESETTING}


@dataclass(frozen=True, slots=True)
class DeviceView:
    code: str
    spec: str
    model: str
    serial: str
    pci_id: str
    address: str
    host: str | None  # where it is, comes to, or was last removed from
    status: str
    change: int  # the number of the change that brought it there
    last_change: int
    reason: str
    health: str
    is_clean: bool
    lanes: int | None

    @property
    def is_attached(self) -> bool:
        return self.status in ATTACHED


@dataclass(frozen=True, slots=True)
class MachineView:
    host: str
    address: str
    is_on: bool | None
    boot_id: str
    job: str  # RUNNING or SUSPENDED; "" where none is about this machine
    devices: tuple[DeviceView, ...]

    def of(self, spec: str) -> tuple[DeviceView, ...]:
        return tuple(one for one in self.devices if one.spec == spec)


@dataclass(frozen=True, slots=True)
class Bus:
    """What the host itself sees: serial number → whether processes run on it."""

    is_on: bool
    functions: Mapping[str, bool]


class View:
    def __init__(self, *, wire: Wire, profile: Profile, notes: Notes) -> None:
        self._wire = wire
        self._profile = profile
        self._notes = notes

    def machine(self, host: str) -> MachineView | None:
        found = self._wire.get(f"{MACHINES}/{host}", "machine")
        return _machine(found) if found is not None else None

    def require_machine(self, host: str) -> MachineView:
        """Raises Permanent for what is no host."""
        found = self.machine(host)
        if found is None:
            raise Permanent(f"There is no host {host}.")
        return found

    def machines(self) -> tuple[tuple[MachineView, ...], bool]:
        listed, is_complete = self._listing(MACHINES, "machines")
        return tuple(_machine(one) for one in listed if one.get("machine_id")), is_complete

    def devices(self) -> tuple[tuple[DeviceView, ...], bool]:
        """All of them, and whether the listing is complete."""
        listed, is_complete = self._listing(DEVICES, "devices")
        found = tuple(_device(one) for one in listed if one.get("device_id"))
        self._notes.remember(one.code for one in found)
        return found, is_complete

    def device(self, code: str) -> DeviceView | None:
        found = self._wire.get(f"{DEVICES}/{code}", "device")
        return _device(found) if found is not None else None

    def named(self, codes: Sequence[str]) -> dict[str, DeviceView]:
        """The named ones that are there. Raises Permanent for one that no complete listing ever showed."""
        shown, is_complete = self.devices()
        found = {one.code: one for one in shown if one.code in set(codes)}
        missing = sorted(set(codes) - set(found))
        unknown = sorted(set(missing) - self._notes.known(missing)) if missing else []
        if missing and not is_complete:
            raise Transient("The listing of devices is not complete.", blocks=missing)
        if unknown:
            raise Permanent(f"There is no block {', '.join(unknown)}.", blocks=unknown)
        return {code: one for code, one in found.items() if one.status != Shown.ABSENT}

    def bus(self, host: str) -> Bus:
        found = self._wire.get(f"{MACHINES}/{host}/bus", "bus")
        if found is None:
            raise Permanent(f"There is no host {host}.")
        functions = found.get("functions")
        listed = [one for one in functions if isinstance(one, Mapping)] if isinstance(functions, list) else []
        return Bus(
            is_on=found.get("power") != "off",
            functions={str(one.get("serial_number", "")): bool(one.get("has_processes")) for one in listed},
        )

    def _listing(self, path: str, name: str) -> tuple[list[Mapping[str, Any]], bool]:
        """All pages. Raises Transient when the pages do not end."""
        members: list[Mapping[str, Any]] = []
        following: Any = 0
        for _ in range(self._profile.pages_max):
            page = self._wire.get(f"{path}?offset={following}") or {}
            listed = page.get(name)
            members += [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
            total, following = page.get("total"), page.get("next")
            if following is None:
                return members, isinstance(total, int) and len(members) >= total
        raise Transient("A listing of the fabric does not end.", detail=path)


def _machine(raw: Mapping[str, Any]) -> MachineView:
    resources = raw.get("resources")
    listed = [one for one in resources if isinstance(one, Mapping)] if isinstance(resources, list) else []
    power = raw.get("power")
    return MachineView(
        host=str(raw.get("machine_id", "")),
        address=str(raw.get("address") or ""),
        is_on=power == "on" if power in ("on", "off") else None,
        boot_id=str(raw.get("boot_id") or ""),
        job=str(raw.get("job") or ""),
        devices=tuple(
            _device(device) for one in listed for device in one.get("devices", []) if isinstance(device, Mapping)
        ),
    )


def _device(raw: Mapping[str, Any]) -> DeviceView:
    pci, detail, lanes = raw.get("pci"), raw.get("detail"), raw.get("lanes")
    return DeviceView(
        code=str(raw.get("device_id", "")),
        spec=str(raw.get("spec_uuid", "")),
        model=str(raw.get("model", "")),
        serial=str(raw.get("serial_number", "")),
        pci_id=str(pci.get("id", "")) if isinstance(pci, Mapping) else "",
        address=str(pci.get("address", "")) if isinstance(pci, Mapping) else "",
        host=str(raw["machine_id"]) if raw.get("machine_id") else None,
        status=str(raw.get("status", "")),
        change=_number(raw.get("change")),
        last_change=_number(raw.get("last_change")),
        reason=str(detail.get("message", "")) if isinstance(detail, Mapping) else "",
        health=str(raw.get("health") or "ok"),
        is_clean=not raw.get("needs_reset", True),
        lanes=lanes if isinstance(lanes, int) else None,
    )


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
