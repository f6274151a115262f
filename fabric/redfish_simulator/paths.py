"""Where everything lies below the root of the service."""

from typing import Any

ROOT = "/redfish/v1"
SYSTEMS = f"{ROOT}/Systems"
COMPOSITION = f"{ROOT}/CompositionService"
COMPOSE = f"{COMPOSITION}/Actions/CompositionService.Compose"
BLOCKS = f"{COMPOSITION}/ResourceBlocks"
ZONES = f"{COMPOSITION}/ResourceZones"
CAPABILITIES = f"{SYSTEMS}/Capabilities"
CHASSIS = f"{ROOT}/Chassis"
FABRIC = f"{CHASSIS}/Fabric"
PCIE = f"{FABRIC}/PCIeDevices"
ADAPTERS = f"{FABRIC}/NetworkAdapters"
TASKS = f"{ROOT}/TaskService/Tasks"
MONITORS = f"{ROOT}/TaskService/TaskMonitors"
SESSION_SERVICE = f"{ROOT}/SessionService"
SESSIONS = f"{SESSION_SERVICE}/Sessions"
EVENTS = f"{ROOT}/EventService"
SSE = f"{EVENTS}/SSE"
KNOBS = "/simulator/knobs"
OEM = "HeddleSimulator"  # whose extensions are below Oem
PHYSICAL = "host-"  # a host's own system has another id than any system composed on it


def link(path: str) -> dict[str, Any]:
    return {"@odata.id": path}


def oem(**links: Any) -> dict[str, Any]:
    """Links by their standard names where a service of this kind has no standard place for them."""
    return {"Oem": {OEM: {"@odata.type": f"#{OEM}.v1_0_0.{OEM}", **links}}}


def last(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]


def block_of(path: str) -> str:
    """The block's id, of a link to it; "" for a link to anything else."""
    return last(path) if path.startswith(f"{BLOCKS}/") else ""
