"""The device in a block, and the devices a host sees: class, serial number, PCI identity and address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fabric.drivers.base import SeenDevice
from fabric.drivers.redfish.service import Service, link, links, part, target
from fabric.drivers.redfish.view import BlockView

COLLECTIONS = ("Processors", "Drives", "NetworkInterfaces")
HEX = re.compile(r"(?:0x)?([0-9a-fA-F]+)")
ID_DIGITS, SEGMENT_DIGITS, BUS_DIGITS = 4, 4, 2


@dataclass(frozen=True, slots=True)
class Device:
    """`resource` is where its actions are; `function` its PCIe function, "" where none is linked."""

    model: str
    serial: str
    resource: Mapping[str, Any]
    function: str


@dataclass(frozen=True, slots=True)
class Function:
    pci_id: str
    address: str
    lanes: int | None = None


NO_FUNCTION = Function(pci_id="", address="")


class Devices:
    """What does not change of a block's device is read once, as long as the block is there."""

    def __init__(self, *, service: Service) -> None:
        self._service = service
        self._known: dict[str, tuple[Device, Function]] = {}

    def seen(self, block: BlockView, *, host: str | None, tag: str | None, is_clean: bool) -> SeenDevice:
        device, function = self.of(block)
        if host is not None:
            function = self.function(device.function)
        return SeenDevice(
            block=block.code,
            device_class=self._service.profile.classes.get(device.model, device.model),
            serial=device.serial,
            pci_id=function.pci_id,
            address=function.address if host is not None else "",
            host=host,
            tag=tag,
            health=block.health,
            is_clean=is_clean,
            lanes=function.lanes if host is not None else None,
        )

    def of(self, block: BlockView) -> tuple[Device, Function]:
        if block.code not in self._known:
            device = self.fresh(block)
            self._known[block.code] = (device, self.function(device.function))
        return self._known[block.code]

    def fresh(self, block: BlockView) -> Device:
        """The first device of the block. An interface is a part of its adapter, which has the serial number."""
        for name in COLLECTIONS:
            for path in links(block.document, name)[:1]:
                resource = self._service.document(path) or {}
                if adapter := link(part(resource, "Links"), "NetworkAdapter"):
                    resource = self._service.document(adapter) or {}
                return Device(
                    model=str(resource.get("Model", "")),
                    serial=str(resource.get("SerialNumber", "")),
                    resource=resource,
                    function=self._function_path(resource),
                )
        return Device(model="", serial="", resource={}, function="")

    def on_bus(self, system: Mapping[str, Any]) -> dict[str, Function]:
        """Serial number → function of every PCIe device that the host of a system sees."""
        found = {}
        for path in links(system, "PCIeDevices"):
            document = self._service.document(path)
            if document is not None:
                found[str(document.get("SerialNumber", ""))] = self.function(self._first_function(document))
        return found

    def clean_action(self, device: Device) -> tuple[str, str]:
        """The reset that the profile prefers, and where to post it; "" twice where the device offers none of them."""
        offered = ((name, target(device.resource, name)) for name in self._service.profile.clean_actions)
        return next(((name.removeprefix("#"), address) for name, address in offered if address), ("", ""))

    def function(self, path: str) -> Function:
        document = self._service.document(path) if path else None
        if document is None:
            return NO_FUNCTION
        vendor, device = (_hex(document.get(name), ID_DIGITS) for name in ("VendorId", "DeviceId"))
        bus, number = (_hex(document.get(name), BUS_DIGITS) for name in ("BusNumber", "DeviceNumber"))
        segment = _hex(document.get("SegmentNumber"), SEGMENT_DIGITS) or "0" * SEGMENT_DIGITS
        return Function(
            pci_id=f"{vendor}:{device}" if vendor and device else "",
            address=f"{segment}:{bus}:{number}.{document.get('FunctionNumber', 0)}" if bus and number else "",
            lanes=self._lanes(link(part(document, "Links"), "PCIeDevice")),
        )

    def _lanes(self, path: str) -> int | None:
        """Of the link as negotiated; None where the service does not tell."""
        device = self._service.document(path) if path else None
        lanes = part(device or {}, "PCIeInterface").get("LanesInUse")
        return lanes if isinstance(lanes, int) else None

    def _function_path(self, resource: Mapping[str, Any]) -> str:
        connected = part(resource, "Links")
        if functions := links(connected, "PCIeFunctions"):
            return functions[0]
        controllers = resource.get("Controllers")
        first = controllers[0] if isinstance(controllers, list) and controllers else {}
        devices = [link(connected, "PCIeDevice"), *links(part(first, "Links"), "PCIeDevices")]
        for path in filter(None, devices):
            return self._first_function(self._service.document(path) or {})
        return ""

    def _first_function(self, device: Mapping[str, Any]) -> str:
        collection = link(device, "PCIeFunctions")
        members = self._service.listing(collection).members if collection else ()
        return next((str(one["@odata.id"]) for one in members), "")


def _hex(value: Any, digits: int) -> str:
    found = HEX.fullmatch(str(value)) if value is not None else None
    return found[1].lower().zfill(digits) if found else ""
