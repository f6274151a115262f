"""The root, and the services below it: constant documents."""

from typing import Any

from fabric.redfish_simulator import paths
from fabric.redfish_simulator.face import Face
from fabric.redfish_simulator.paths import link

WELL = {"State": "Enabled", "Health": "OK"}
UUID = "5a1d0c2e-7b0f-4a53-9f2c-0d8a3b8f6e11"
SCHEMAS = {
    "ServiceRoot": "v1_18_0",
    "CompositionService": "v1_2_3",
    "ResourceBlock": "v1_4_3",
    "ResourceBlockCollection": "",
    "Zone": "v1_6_3",
    "ZoneCollection": "",
    "ComputerSystem": "v1_24_0",
    "ComputerSystemCollection": "",
    "Processor": "v1_20_1",
    "TaskService": "v1_2_1",
    "Task": "v1_7_4",
    "TaskCollection": "",
    "SessionService": "v1_2_0",
    "Session": "v1_8_0",
    "SessionCollection": "",
    "EventService": "v1_11_0",
    "CollectionCapabilities": "v1_4_1",
    "Message": "v1_2_1",
}


def root(face: Face) -> dict[str, Any]:
    body = {
        "@odata.id": paths.ROOT,
        "@odata.type": "#ServiceRoot.v1_18_0.ServiceRoot",
        "Id": "RootService",
        "Name": "Simulated composition service",
        "RedfishVersion": "1.18.0",
        "UUID": UUID,
        "Systems": link(paths.SYSTEMS),
        "CompositionService": link(paths.COMPOSITION),
        "Tasks": link(f"{paths.ROOT}/TaskService"),
        "SessionService": link(paths.SESSION_SERVICE),
        "EventService": link(paths.EVENTS),
        "Links": {"Sessions": link(paths.SESSIONS)},
    }
    chassis = {"Chassis": link(paths.CHASSIS)}
    return body | (chassis if face.manners.has_standard_links else paths.oem(**chassis))


def composition_service(face: Face) -> dict[str, Any]:
    body = {
        "@odata.id": paths.COMPOSITION,
        "@odata.type": "#CompositionService.v1_2_3.CompositionService",
        "Id": "CompositionService",
        "Name": "Composition service",
        "Status": WELL,
        "ServiceEnabled": True,
        "AllowOverprovisioning": False,
        "AllowZoneAffinity": False,
        "ResourceBlocks": link(paths.BLOCKS),
        "ResourceZones": link(paths.ZONES),
    }
    if face.manners.has_manifests and not face.manners.is_expandable:
        body["Actions"] = {"#CompositionService.Compose": {"target": paths.COMPOSE}}
    return body


def task_service() -> dict[str, Any]:
    return {
        "@odata.id": f"{paths.ROOT}/TaskService",
        "@odata.type": "#TaskService.v1_2_1.TaskService",
        "Id": "TaskService",
        "Name": "Tasks",
        "ServiceEnabled": True,
        "Status": WELL,
        "LifeCycleEventOnTaskStateChange": False,
        "Tasks": link(paths.TASKS),
    }


def session_service() -> dict[str, Any]:
    return {
        "@odata.id": paths.SESSION_SERVICE,
        "@odata.type": "#SessionService.v1_2_0.SessionService",
        "Id": "SessionService",
        "Name": "Sessions",
        "ServiceEnabled": True,
        "Status": WELL,
        "Sessions": link(paths.SESSIONS),
    }


def event_service() -> dict[str, Any]:
    return {
        "@odata.id": paths.EVENTS,
        "@odata.type": "#EventService.v1_11_0.EventService",
        "Id": "EventService",
        "Name": "Events",
        "ServiceEnabled": True,
        "Status": WELL,
        "ServerSentEventUri": paths.SSE,
    }


def chassis() -> dict[str, Any]:
    return {
        "@odata.id": paths.FABRIC,
        "@odata.type": "#Chassis.v1_27_0.Chassis",
        "Id": "Fabric",
        "Name": "Fabric",
        "ChassisType": "Expansion",
        "Status": WELL,
        "PCIeDevices": link(paths.PCIE),
    }


def odata() -> dict[str, Any]:
    singletons = {"Systems": paths.SYSTEMS, "CompositionService": paths.COMPOSITION, "Service": paths.ROOT}
    value = [{"name": name, "kind": "Singleton", "url": url} for name, url in singletons.items()]
    return {"@odata.context": f"{paths.ROOT}/$metadata", "value": value}


def metadata() -> str:
    """Which schemas are in use, for clients that look them up."""
    references = "".join(_reference(name, version) for name, version in SCHEMAS.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">'
        f"{references}"
        '<edmx:DataServices><Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Service">'
        '<EntityContainer Name="Service" Extends="ServiceRoot.v1_18_0.ServiceContainer"/>'
        "</Schema></edmx:DataServices></edmx:Edmx>"
    )


def _reference(name: str, version: str) -> str:
    own = f'<edmx:Include Namespace="{name}.{version}"/>' if version else ""
    return (
        f'<edmx:Reference Uri="http://redfish.dmtf.org/schemas/v1/{name}_v1.xml">'
        f'<edmx:Include Namespace="{name}"/>{own}</edmx:Reference>'
    )
