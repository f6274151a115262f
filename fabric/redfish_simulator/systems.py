"""Documents of systems: composed ones, the hosts' own, and the PCIe devices that a host sees."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

from fabric.redfish_simulator import paths
from fabric.redfish_simulator.face import Face
from fabric.redfish_simulator.knobs import Knob
from fabric.redfish_simulator.manners import Resizing
from fabric.redfish_simulator.paths import link

FIRST_BOOT = datetime(2026, 1, 1, tzinfo=UTC)
TWIN, SHADOW = "twin-of-", "shadow-of-"


def identities(face: Face) -> list[str]:
    """The hosts' own systems first, and alone where they are what expands."""
    composed = [] if face.manners.is_expandable else [row["id"] for row in face.facts.systems()]
    twins = [f"{TWIN}{one}" for one in composed] if face.knobs.is_on(Knob.TWIN) else []
    shadows = [f"{SHADOW}{one}" for one in composed] if face.knobs.is_on(Knob.TWO_OWNERS) else []
    return [f"{paths.PHYSICAL}{row['code']}" for row in face.facts.hosts()] + composed + twins + shadows


def system(face: Face, identity: str) -> dict[str, Any] | None:
    if (host := _own_host(face, identity)) is not None:
        return _expanded(face, host) if face.manners.is_expandable else _physical(host)
    if identity.startswith(TWIN) and face.knobs.is_on(Knob.TWIN):
        twin = system(face, identity.removeprefix(TWIN))
        path = f"{paths.SYSTEMS}/{identity}"
        return twin and twin | {"@odata.id": path, "Id": identity, "Links": {"ResourceBlocks": []}}
    if identity.startswith(SHADOW) and face.knobs.is_on(Knob.TWO_OWNERS):
        shadow = system(face, identity.removeprefix(SHADOW))
        return shadow and shadow | {"@odata.id": f"{paths.SYSTEMS}/{identity}", "Id": identity, "Name": identity}
    row = face.facts.system(identity)
    return _composed(face, row) if row is not None else None


def _composed(face: Face, row: sqlite3.Row) -> dict[str, Any]:
    path = f"{paths.SYSTEMS}/{row['id']}"
    blocks = [row["host"], *face.facts.blocks_of(row["tag"])]
    body = _system(path, row["tag"], "Composed", row["address"])
    body |= {
        **({"Description": row["description"]} if row["description"] else {}),
        "Links": {"ResourceBlocks": [link(f"{paths.BLOCKS}/{code}") for code in blocks]},
    }
    if face.manners.resizing == Resizing.ACTIONS:
        body["Actions"] = _resizing(path)
    return body | _bus(face, row["host"])


def _expanded(face: Face, host: sqlite3.Row) -> dict[str, Any]:
    """A host with whatever is attached to it; under whose name, nothing says."""
    body = _physical(host)
    attached, path = face.facts.seen_by(host["code"]), str(body["@odata.id"])
    body["Links"] = {"ResourceBlocks": [link(f"{paths.BLOCKS}/{code}") for code in (host["code"], *attached)]}
    if face.manners.resizing == Resizing.ACTIONS:
        body["Actions"] |= _resizing(path)
    return body | _bus(face, host["code"])


def _resizing(path: str) -> dict[str, Any]:
    actions = ("ComputerSystem.AddResourceBlock", "ComputerSystem.RemoveResourceBlock")
    return {f"#{name}": {"target": f"{path}/Actions/{name}"} for name in actions}


def _bus(face: Face, host: str) -> dict[str, Any]:
    """What the host sees, whoever put it there."""
    seen = [code for code in face.facts.seen_by(host) if not face.knobs.is_on(Knob.HIDDEN, code)]
    devices = {"PCIeDevices": [link(f"{paths.PCIE}/{code}") for code in seen]}
    return devices if face.manners.has_standard_links else paths.oem(**devices)


def _physical(host: sqlite3.Row) -> dict[str, Any]:
    path = f"{paths.SYSTEMS}/{paths.PHYSICAL}{host['code']}"
    reset = {"target": f"{path}/Actions/ComputerSystem.Reset", "ResetType@Redfish.AllowableValues": ["On", "ForceOff"]}
    body = _system(path, host["code"], "Physical", host["address"])
    body |= {"PowerState": "On" if host["is_on"] else "Off", "LastResetTime": _last_reset(host["boots"])}
    return body | {"Actions": {"#ComputerSystem.Reset": reset}}


def _last_reset(boots: int) -> str:
    """The emulator counts a host's boots; each of them is a later moment."""
    return (FIRST_BOOT + timedelta(seconds=boots)).isoformat()


def _system(path: str, name: str, system_type: str, address: str) -> dict[str, Any]:
    return {
        "@odata.id": path,
        "@odata.type": "#ComputerSystem.v1_24_0.ComputerSystem",
        "Id": paths.last(path),
        "Name": name,
        "SystemType": system_type,
        "HostName": address,
        "Status": {"State": "Enabled", "Health": "OK"},
    }


def _own_host(face: Face, identity: str) -> sqlite3.Row | None:
    is_own = identity.startswith(paths.PHYSICAL)
    return face.facts.host(identity.removeprefix(paths.PHYSICAL)) if is_own else None


def pcie_device(face: Face, code: str) -> dict[str, Any] | None:
    row = face.facts.block(code)
    if row is None:
        return None
    path = f"{paths.PCIE}/{code}"
    return {
        "@odata.id": path,
        "@odata.type": "#PCIeDevice.v1_18_0.PCIeDevice",
        "Id": code,
        "Name": f"PCIe device {code}",
        "Model": row["device_class"],
        "SerialNumber": row["serial"],
        "Status": {"State": "Enabled", "Health": "OK" if row["health"] == "ok" else "Critical"},
        "PCIeFunctions": link(f"{path}/PCIeFunctions"),
        **_interface(row),
    }


def _interface(row: sqlite3.Row) -> dict[str, Any]:
    """How wide its link is, and how wide it came up; a device on no host has none up."""
    if not row["lanes"]:
        return {}
    lanes_up = row["lanes"] if row["lanes_up"] is None else row["lanes_up"]
    in_use = {"LanesInUse": lanes_up} if row["host"] else {}
    return {"PCIeInterface": {"MaxLanes": row["lanes"], **in_use}}


def pcie_function(face: Face, code: str) -> dict[str, Any] | None:
    """Its address is the host's bus's; a device on no host has none."""
    row = face.facts.block(code)
    if row is None:
        return None
    vendor, _, device = row["pci_id"].partition(":")
    body: dict[str, Any] = {
        "@odata.id": f"{paths.PCIE}/{code}/PCIeFunctions/0",
        "@odata.type": "#PCIeFunction.v1_6_0.PCIeFunction",
        "Id": "0",
        "Name": f"Function of {code}",
        "VendorId": f"0x{vendor}",
        "DeviceId": f"0x{device}",
        "Links": {"PCIeDevice": link(f"{paths.PCIE}/{code}")},
    }
    if row["address"]:
        segment, bus, rest = row["address"].split(":")
        number, _, function = rest.partition(".")
        body |= {"SegmentNumber": f"0x{segment}", "BusNumber": f"0x{bus}", "DeviceNumber": f"0x{number}"}
        body |= {"FunctionNumber": int(function)}
    return body
