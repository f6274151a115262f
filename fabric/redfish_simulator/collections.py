"""Collections and their pages."""

from typing import Any

from fabric.redfish_simulator import inventory, paths, systems
from fabric.redfish_simulator.face import Face
from fabric.redfish_simulator.knobs import Knob


def page(face: Face, path: str, kind: str, members: list[str], *, skip: int = 0) -> dict[str, Any]:
    """From `skip` on; the count is of all. A cut listing counts what it leaves out too."""
    count, links = len(members), [paths.link(f"{path}/{one}") for one in members]
    if path == paths.BLOCKS and face.knobs.strikes(Knob.LISTING_CUT):
        hosts = len(face.facts.hosts())
        links = links[:hosts] + links[hosts::2]
        shown, rest = links, False
    else:
        shown, rest = links[skip : skip + face.manners.page_size], skip + face.manners.page_size < count
    body: dict[str, Any] = {
        "@odata.id": path,
        "@odata.type": f"#{kind}.{kind}",
        "Name": kind,
        "Members@odata.count": count,
    }
    if rest:
        body["Members@odata.nextLink"] = f"{path}?$skip={skip + face.manners.page_size}"
    if face.manners.has_members_under_links:
        return body | {"Links": {"Members": shown}}
    return body | {"Members": shown}


def members(face: Face, path: str) -> tuple[str, list[str]] | None:
    """The kind of the collection at a path and the ids in it."""
    if path == paths.SYSTEMS:
        return "ComputerSystemCollection", systems.identities(face)
    if path == paths.BLOCKS:
        return "ResourceBlockCollection", inventory.block_codes(face)
    if path == paths.ZONES:
        return "ZoneCollection", inventory.zone_names(face)
    if path == paths.CHASSIS:
        return "ChassisCollection", ["Fabric"]
    if path == paths.PCIE:
        return "PCIeDeviceCollection", [row["code"] for row in face.facts.blocks()]
    if path == paths.TASKS:
        return "TaskCollection", [one for one in face.facts.operations() if one not in face.forgotten]
    if path == paths.SESSIONS:
        return "SessionCollection", list(face.sessions)
    return None
