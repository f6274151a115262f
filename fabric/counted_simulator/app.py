"""The service itself: its routes, who may pass, and what it does wrong on the way."""

from collections.abc import Callable, Mapping
from typing import Any

from fabric.counted_simulator import changes, documents, paths, words
from fabric.counted_simulator.face import Face
from fabric.counted_simulator.knobs import Knob
from fabric.counted_simulator.words import Code
from fabric.redfish_simulator.web import Hang, Reply, Request, Route

OPEN = (paths.TOKEN, paths.KNOBS)
MACHINE = f"{paths.MACHINES}/{{machine_id}}"
DEVICE = f"{paths.DEVICES}/{{device_id}}"
BEARER = "Bearer "


def answering(face: Face) -> Callable[[Request], Reply]:
    """One request to one reply. Raises NoReply and Hang."""
    routes = _routes(face)

    def answer(request: Request) -> Reply:
        face.facts.forget()
        if request.path not in OPEN and (refusal := _refusal(face, request)) is not None:
            return refusal
        if request.method == "GET" and request.path not in OPEN:
            if face.knobs.strikes(Knob.DEAF):
                raise Hang
            if face.knobs.strikes(Knob.BUSY_READ):
                return words.busy()
        found = [(route, parts) for route in routes if (parts := route.match(request.path)) is not None]
        for route, parts in found:
            if route.method == request.method:
                return _answered(route, request, parts)
        allowed = {"Allow": ", ".join(sorted({route.method for route, _ in found}))}
        return Reply(status=405, headers=allowed) if found else words.not_found(request.path)

    return answer


def _answered(route: Route, request: Request, parts: Mapping[str, str]) -> Reply:
    try:
        return route.handler(request, **parts)
    except ValueError:
        return words.malformed()


def _refusal(face: Face, request: Request) -> Reply | None:
    if face.knobs.strikes(Knob.TOKEN_EXPIRED):
        face.tokens.clear()
    told = request.headers.get("authorization", "")
    if told.startswith(BEARER) and face.is_known(told.removeprefix(BEARER)):
        return None
    return words.refused(401, Code.TOKEN, "The token is unknown or has expired.")


def _token(face: Face, request: Request) -> Reply:
    body = request.json()
    if (body.get("user"), body.get("password")) != (face.user, face.password):
        return words.refused(401, Code.CREDENTIALS, "Nobody is known by these credentials.")
    return words.good({"token": face.open_token(), "expires_in": face.token_seconds})


def _routes(face: Face) -> list[Route]:
    one: list[tuple[str, str, Callable[..., dict[str, Any] | None]]] = [
        (MACHINE, "machine", documents.machine),
        (f"{MACHINE}/bus", "bus", documents.bus),
        (DEVICE, "device", documents.device),
        (paths.JOB, "job", documents.job),
    ]
    many: list[tuple[str, str, Callable[[Face], list[dict[str, Any]]]]] = [
        (paths.MACHINES, "machines", documents.machines),
        (paths.DEVICES, "devices", documents.devices),
        (paths.SPECS, "specs", documents.specs),
    ]
    acts: list[tuple[str, Callable[..., Reply]]] = [
        (paths.TOKEN, _token),
        (f"{MACHINE}/actions/resize", changes.resize),
        (f"{MACHINE}/actions/power", changes.power),
        (f"{DEVICE}/actions/reset", changes.reset),
        (f"{paths.JOB}/actions/resume", changes.resume),
        (f"{paths.JOB}/actions/cancel", changes.cancel),
        (paths.KNOBS, _turn),
    ]
    return [
        *(Route("GET", template, _reader(face, name, document)) for template, name, document in one),
        *(Route("GET", template, _lister(face, name, listed)) for template, name, listed in many),
        *(Route("POST", template, _bound(face, handler)) for template, handler in acts),
        Route("DELETE", paths.KNOBS, _bound(face, _clear)),
    ]


def _turn(face: Face, request: Request) -> Reply:
    """Not of the service: the knobs, one line of JSON each."""
    face.turn(request.json())
    return Reply(status=204)


def _clear(face: Face, request: Request) -> Reply:
    face.knobs.clear()
    return Reply(status=204)


def _bound(face: Face, handler: Callable[..., Reply]) -> Callable[..., Reply]:
    return lambda request, **parts: handler(face, request, **parts)


def _reader(face: Face, name: str, document: Callable[..., dict[str, Any] | None]) -> Callable[..., Reply]:
    def read(request: Request, **parts: str) -> Reply:
        found = document(face, **parts)
        return words.not_found(request.path) if found is None else words.good({name: found})

    return read


def _lister(face: Face, name: str, listed: Callable[[Face], list[dict[str, Any]]]) -> Callable[..., Reply]:
    """From `offset` on; the total is of all, of a listing that is cut short too."""

    def read(request: Request) -> Reply:
        found, offset = listed(face), int(request.query.get("offset", "0"))
        end = offset + face.page_size
        shown, following = found[offset:end], end if end < len(found) else None
        if name == "devices" and face.knobs.strikes(Knob.LISTING_CUT):
            shown, following = found[::2], None
        return words.good({name: shown, "total": len(found), "next": following})

    return read
