"""The service itself: its routes, who may pass, and what happens on the way out (ETags, absolute locations)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fabric.redfish_simulator import (
    changes,
    collections,
    errors,
    events,
    inventory,
    paths,
    services,
    sessions,
    systems,
    tasks,
)
from fabric.redfish_simulator.face import Face
from fabric.redfish_simulator.knobs import Knob
from fabric.redfish_simulator.web import Hang, Reply, Request, Route, found_route

ODATA_VERSION = "4.0"
ACTION = "{identity}/Actions/ComputerSystem"
DEVICE = f"{paths.BLOCKS}/{{code}}"
COLLECTIONS = (
    paths.SYSTEMS,
    paths.BLOCKS,
    paths.ZONES,
    paths.CHASSIS,
    paths.PCIE,
    paths.TASKS,
    paths.SESSIONS,
)


def answering(face: Face) -> Callable[[Request], Reply]:
    """One request to one reply. Raises NoReply and Hang."""
    routes = _routes(face)

    def answer(request: Request) -> Reply:
        request = _as_get(request)
        face.facts.forget()
        if (refusal := sessions.refusal(face, request)) is not None:
            return refusal
        is_read = request.method == "GET" and request.path != paths.KNOBS
        if is_read and face.knobs.strikes(Knob.DEAF):
            raise Hang
        if is_read and face.knobs.strikes(Knob.BUSY_READ):
            headers = {"Retry-After": "1"}
            return errors.error(503, f"{errors.BASE}ServiceTemporarilyUnavailable", "Busy.", ["1"], headers)
        if request.headers.get("odata-version", ODATA_VERSION) != ODATA_VERSION:
            return errors.error(412, f"{errors.BASE}HeaderInvalid", "Only OData-Version 4.0 is spoken here.")
        routed, allowed = found_route(routes, request)
        if routed is None:
            return errors.not_allowed(allowed) if allowed else errors.not_found(request.path)
        route, parts = routed
        try:
            reply = route.handler(request, **parts)
        except ValueError:
            reply = errors.malformed()
        return _on_the_way_out(face, request, reply, allowed)

    return answer


def _as_get(request: Request) -> Request:
    """HEAD is a GET; the server leaves the body out."""
    if request.method != "HEAD":
        return request
    return Request("GET", request.path, request.query, request.headers, request.body, request.origin)


def _on_the_way_out(face: Face, request: Request, reply: Reply, allowed: Sequence[str]) -> Reply:
    """What every answer carries: DSP0266 6.5 (ETags), 8.2 (Allow, Link)."""
    headers = dict(reply.headers)
    document = reply.body if request.method == "GET" and reply.status == 200 else None
    if request.method == "GET":
        headers.setdefault("Allow", ", ".join(allowed))
    if isinstance(document, Mapping) and "@odata.type" in document:
        headers["Link"] = f"<{errors.schema_of(document['@odata.type'])}>; rel=describedby"
        if etag := face.etag(document):
            headers["ETag"] = etag
            reply = reply.but(body={**document, "@odata.etag": etag})
    if face.manners.has_absolute_locations and "Location" in headers:
        headers["Location"] = request.origin + headers["Location"]
    return reply.but(headers=headers)


def _routes(face: Face) -> list[Route]:
    return [*_reading(face), *_changing(face), *_own(face)]


def _reading(face: Face) -> list[Route]:
    documents: dict[str, Callable[..., Mapping[str, Any] | None]] = {
        "/redfish": lambda: {"v1": f"{paths.ROOT}/"},
        paths.ROOT: lambda: services.root(face),
        f"{paths.ROOT}/odata": services.odata,
        paths.COMPOSITION: lambda: services.composition_service(face),
        f"{paths.ROOT}/TaskService": services.task_service,
        paths.SESSION_SERVICE: services.session_service,
        paths.EVENTS: services.event_service,
        paths.FABRIC: services.chassis,
        paths.CAPABILITIES: lambda: inventory.capabilities(face),
        f"{paths.SYSTEMS}/{{identity}}": lambda identity: systems.system(face, identity),
        f"{paths.ZONES}/{{name}}": lambda name: inventory.zone(face, name),
        f"{paths.BLOCKS}/{{code}}": lambda code: inventory.block(face, code),
        **{f"{DEVICE}/{word}/1": lambda code: inventory.device(face, code) for word in inventory.DEVICE_WORDS.values()},
        f"{paths.ADAPTERS}/{{code}}": lambda code: inventory.adapter(face, code),
        f"{paths.PCIE}/{{code}}": lambda code: systems.pcie_device(face, code),
        f"{paths.PCIE}/{{code}}/PCIeFunctions/0": lambda code: systems.pcie_function(face, code),
        f"{paths.TASKS}/{{op_key}}": lambda op_key: tasks.document(face, op_key),
        f"{paths.SESSIONS}/{{identity}}": lambda identity: sessions.document(face, identity),
    }
    reads = [Route("GET", template, _reader(document)) for template, document in documents.items()]
    pages = [Route("GET", path, _lister(face, path)) for path in COLLECTIONS]
    functions = Route("GET", f"{paths.PCIE}/{{code}}/PCIeFunctions", _functions(face))
    monitor = Route("GET", f"{paths.MONITORS}/{{op_key}}", lambda request, op_key: tasks.monitor(face, op_key))
    stream = Route("GET", paths.SSE, lambda request: events.stream(face, request))
    described = Route("GET", f"{paths.ROOT}/$metadata", lambda request: _xml())
    return [*pages, functions, monitor, stream, described, *reads]


def _changing(face: Face) -> list[Route]:
    table: list[tuple[str, str, Callable[..., Reply]]] = [
        *_making(face),
        ("PATCH", f"{paths.SYSTEMS}/{{identity}}", changes.patch),
        ("POST", f"{paths.SYSTEMS}/{ACTION}.AddResourceBlock", changes.add_block),
        ("POST", f"{paths.SYSTEMS}/{ACTION}.RemoveResourceBlock", changes.remove_block),
        ("POST", f"{paths.SYSTEMS}/{paths.PHYSICAL}{{code}}/Actions/ComputerSystem.Reset", changes.reset_host),
        ("POST", f"{DEVICE}/Processors/1/Actions/Processor.Reset", changes.reset_device),
        ("POST", f"{DEVICE}/Drives/1/Actions/Drive.SecureErase", changes.reset_device),
        (
            "POST",
            f"{paths.ADAPTERS}/{{code}}/Actions/NetworkAdapter.ResetSettingsToDefault",
            changes.reset_device,
        ),
        ("POST", paths.SESSIONS, sessions.create),
        ("POST", f"{paths.SESSIONS}/Members", sessions.create),
        ("DELETE", f"{paths.SESSIONS}/{{identity}}", sessions.delete),
    ]
    return [Route(method, template, _bound(face, handler)) for method, template, handler in table]


def _making(face: Face) -> list[tuple[str, str, Callable[..., Reply]]]:
    """Systems are made by POST, by the action, or not at all."""
    collections = (paths.SYSTEMS, f"{paths.SYSTEMS}/Members")
    if face.manners.is_expandable:
        return []
    posts = [("POST", path, changes.create) for path in collections] if face.manners.has_post else []
    action = [("POST", paths.COMPOSE, changes.compose_action)] if face.manners.has_manifests else []
    return [*posts, *action, ("DELETE", f"{paths.SYSTEMS}/{{identity}}", changes.delete)]


def _own(face: Face) -> list[Route]:
    """Not of Redfish: the knobs, one line of JSON each."""

    def turn(request: Request) -> Reply:
        face.turn(request.json())
        return Reply(status=204)

    def clear(request: Request) -> Reply:
        face.knobs.clear()
        return Reply(status=204)

    return [Route("POST", paths.KNOBS, turn), Route("DELETE", paths.KNOBS, clear)]


def _bound(face: Face, handler: Callable[..., Reply]) -> Callable[..., Reply]:
    return lambda request, **parts: handler(face, request, **parts)


def _reader(document: Callable[..., Mapping[str, Any] | None]) -> Callable[..., Reply]:
    def read(request: Request, **parts: str) -> Reply:
        body = document(**parts)
        return errors.not_found(request.path) if body is None else Reply(status=200, body=body)

    return read


def _lister(face: Face, path: str) -> Callable[..., Reply]:
    def read(request: Request) -> Reply:
        found = collections.members(face, path)
        assert found is not None
        skip = int(request.query.get("$skip", "0"))
        return Reply(status=200, body=collections.page(face, path, *found, skip=skip))

    return read


def _functions(face: Face) -> Callable[..., Reply]:
    def read(request: Request, code: str) -> Reply:
        path = f"{paths.PCIE}/{code}/PCIeFunctions"
        return Reply(status=200, body=collections.page(face, path, "PCIeFunctionCollection", ["0"]))

    return read


def _xml() -> Reply:
    return Reply(status=200, body=services.metadata(), headers={"content-type": "application/xml"})
