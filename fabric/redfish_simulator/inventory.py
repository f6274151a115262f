"""Documents of what can be composed: blocks with their devices, zones, and what a request must carry."""

import sqlite3
from typing import Any

from fabric.redfish_simulator import paths
from fabric.redfish_simulator.face import Face
from fabric.redfish_simulator.knobs import Knob
from fabric.redfish_simulator.manners import Ids
from fabric.redfish_simulator.paths import link

LISTED_IDS = tuple(f"node-{number}" for number in range(1, 65))  # of a service whose ids are fixed beforehand
DEVICE_WORDS = {"processor": "Processors", "drive": "Drives", "adapter": "NetworkInterfaces"}
BLOCK_TYPES = {"processor": "Processor", "drive": "Storage", "adapter": "Network"}


def block_codes(face: Face) -> list[str]:
    """Hosts first; a vanished block stays as Absent, and one that is gone has no resource."""
    devices = [row["code"] for row in face.facts.blocks() if not face.knobs.is_on(Knob.GONE, row["code"])]
    return [row["code"] for row in face.facts.hosts()] + devices


def block(face: Face, code: str) -> dict[str, Any] | None:
    if (host := face.facts.host(code)) is not None:
        return _compute(face, host)
    row = face.facts.block(code)
    if row is None or face.knobs.is_on(Knob.GONE, code):
        return None
    return _device_block(face, row)


def _compute(face: Face, host: sqlite3.Row) -> dict[str, Any]:
    own = f"{paths.PHYSICAL}{host['code']}"
    composed = [row["id"] for row in face.facts.systems() if row["host"] == host["code"]]
    systems = [own] if face.manners.is_expandable else composed
    body = _block(face, host["code"], "Compute", owners=systems, is_coming=False)
    return body | {"ComputerSystems": [link(f"{paths.SYSTEMS}/{own}")]}


def _device_block(face: Face, row: sqlite3.Row) -> dict[str, Any]:
    owners = [s["id"] for s in face.facts.systems() if s["tag"] == row["tag"]]
    if face.manners.is_expandable:
        owners = [f"{paths.PHYSICAL}{row['host']}"] if row["host"] else []
    kind = face.kind(row["device_class"])
    body = _block(face, row["code"], BLOCK_TYPES[kind], owners=owners, is_coming=bool(row["is_coming"]))
    if row["health"] == "unavailable":
        body["CompositionStatus"]["CompositionState"] = "Unavailable"
    health = "Critical" if row["health"] == "failed" else "OK"
    body["Status"] = {"State": "Enabled" if row["is_present"] else "Absent", "Health": health}
    devices = {DEVICE_WORDS[kind]: [link(device_path(face, row))]}
    return body | (devices if kind == "processor" or face.manners.has_standard_links else paths.oem(**devices))


def _block(face: Face, code: str, block_type: str, *, owners: list[str], is_coming: bool) -> dict[str, Any]:
    if face.knobs.is_on(Knob.STATE_NOT_KEPT):
        owners, is_coming = [], False
    state = "Composing" if is_coming else "Composed" if owners else "Unused"
    return {
        "@odata.id": f"{paths.BLOCKS}/{code}",
        "@odata.type": "#ResourceBlock.v1_4_3.ResourceBlock",
        "Id": code,
        "Name": f"Block {code}",
        "ResourceBlockType": [block_type],
        "CompositionStatus": {"CompositionState": state, "Reserved": False, "SharingCapable": False},
        "Status": {"State": "Enabled", "Health": "OK"},
        "Links": {
            "ComputerSystems": [link(f"{paths.SYSTEMS}/{owner}") for owner in owners],
            "Zones": [link(f"{paths.ZONES}/{zone}") for zone in zones_of(face, code)],
        },
    }


def device_path(face: Face, row: sqlite3.Row) -> str:
    return f"{paths.BLOCKS}/{row['code']}/{DEVICE_WORDS[face.kind(row['device_class'])]}/1"


def device(face: Face, code: str) -> dict[str, Any] | None:
    """The processor, drive or network interface of a block."""
    row = face.facts.block(code)
    if row is None:
        return None
    kind, path = face.kind(row["device_class"]), device_path(face, row)
    body: dict[str, Any] = {"@odata.id": path, "Id": "1", "Name": f"Device of {code}"}
    facts = {"Model": row["device_class"], "SerialNumber": row["serial"], "Manufacturer": "Simulated"}
    functions = {"PCIeFunctions": [link(f"{paths.PCIE}/{code}/PCIeFunctions/0")]}
    if kind == "processor":
        body |= {"@odata.type": "#Processor.v1_20_1.Processor", "ProcessorType": "GPU", **facts}
        body |= {"Links": functions if face.manners.has_standard_links else paths.oem(**functions)}
        body |= {"Actions": _action(path, "Processor.Reset")}
    elif kind == "drive":
        body |= {"@odata.type": "#Drive.v1_21_0.Drive", **facts, "Actions": _action(path, "Drive.SecureErase")}
        body |= {"Links": functions}
    else:
        body |= {"@odata.type": "#NetworkInterface.v1_2_2.NetworkInterface"}
        body |= {"Links": {"NetworkAdapter": link(f"{paths.ADAPTERS}/{code}")}}
    return body


def adapter(face: Face, code: str) -> dict[str, Any] | None:
    row = face.facts.block(code)
    if row is None or face.kind(row["device_class"]) != "adapter":
        return None
    path = f"{paths.ADAPTERS}/{code}"
    return {
        "@odata.id": path,
        "@odata.type": "#NetworkAdapter.v1_12_0.NetworkAdapter",
        "Id": code,
        "Name": f"Adapter {code}",
        "Model": row["device_class"],
        "SerialNumber": row["serial"],
        "Controllers": [{"Links": {"PCIeDevices": [link(f"{paths.PCIE}/{code}")]}}],
        "Actions": _action(path, "NetworkAdapter.ResetSettingsToDefault"),
    }


def _action(path: str, name: str) -> dict[str, Any]:
    return {f"#{name}": {"target": f"{path}/Actions/{name}"}}


def zones_of(face: Face, code: str) -> list[str]:
    """Devices of a fixed system share a zone with their own host only; all else is in one."""
    fixed = face.facts.fixed_hosts()
    if code in fixed:
        return [f"fixed-{fixed[code]}"]
    own = [f"fixed-{code}"] if code in fixed.values() else []
    return ["main", *own]


def zone_names(face: Face) -> list[str]:
    return sorted({zone for code in block_codes(face) for zone in zones_of(face, code)})


def zone(face: Face, name: str) -> dict[str, Any] | None:
    members = [code for code in block_codes(face) if name in zones_of(face, code)]
    if not members:
        return None
    capability = {
        "CapabilitiesObject": link(paths.CAPABILITIES),
        "UseCase": "ComputerSystemComposition",
        "Links": {"TargetCollection": link(paths.SYSTEMS)},
    }
    body: dict[str, Any] = {
        "@odata.id": f"{paths.ZONES}/{name}",
        "@odata.type": "#Zone.v1_6_3.Zone",
        "Id": name,
        "Name": f"Zone {name}",
        "ZoneType": "ZoneOfResourceBlocks",
        "Status": {"State": "Enabled", "Health": "OK"},
        "Links": {"ResourceBlocks": [link(f"{paths.BLOCKS}/{code}") for code in members]},
    }
    offered = {"@odata.type": "#CollectionCapabilities.v1_4_1.CollectionCapabilities", "Capabilities": [capability]}
    return body if face.manners.is_expandable else body | {"@Redfish.CollectionCapabilities": offered}


def capabilities(face: Face) -> dict[str, Any] | None:
    """What a request for a system must and may carry; None where the link dangles."""
    if not face.manners.has_capabilities:
        return None
    body = {
        "@odata.id": paths.CAPABILITIES,
        "@odata.type": "#ComputerSystem.v1_24_0.ComputerSystem",
        "Id": "Capabilities",
        "Name": "What a request carries",
        "Name@Redfish.RequiredOnCreate": True,
        "Name@Redfish.SetOnlyOnCreate": True,
        "Links@Redfish.RequiredOnCreate": True,
        "Links": {"ResourceBlocks@Redfish.RequiredOnCreate": True, "ResourceBlocks@Redfish.UpdatableAfterCreate": True},
    }
    if face.manners.keeps_description:
        body |= {"Description@Redfish.OptionalOnCreate": True}
    if face.manners.ids != Ids.SERVER:
        body |= {"Id@Redfish.RequiredOnCreate": True}
    if face.manners.ids == Ids.LISTED:
        body |= {"Id@Redfish.AllowableValues": list(LISTED_IDS)}
    return body
