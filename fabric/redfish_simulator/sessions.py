"""Who may ask: Basic and session tokens (DSP0266 13.2)."""

import base64
import binascii
import secrets
from typing import Any

from fabric.redfish_simulator import errors, paths
from fabric.redfish_simulator.face import Face
from fabric.redfish_simulator.knobs import Knob
from fabric.redfish_simulator.web import Reply, Request

OPEN = ("/redfish", paths.ROOT, f"{paths.ROOT}/odata", f"{paths.ROOT}/$metadata", paths.KNOBS)


def refusal(face: Face, request: Request) -> Reply | None:
    """401 unless the path is for everybody or the client is known."""
    path = request.path.rstrip("/")
    if path in OPEN or (path in (paths.SESSIONS, f"{paths.SESSIONS}/Members") and request.method == "POST"):
        return None
    if face.knobs.strikes(Knob.SESSION_EXPIRED):
        face.sessions.clear()
        return _unknown()
    token = request.headers.get("x-auth-token")
    if token is not None:
        is_known = any(secrets.compare_digest(token, one) for one in face.sessions.values())
        return None if is_known else _unknown()
    return None if _is_basic(face, request.headers.get("authorization", "")) else _unknown()


def create(face: Face, request: Request) -> Reply:
    body = request.json()
    if (body.get("UserName"), body.get("Password")) != (face.manners.user, face.manners.password):
        return _unknown()
    identity, token = face.open_session()
    path = f"{paths.SESSIONS}/{identity}"
    return Reply(status=201, body=document(face, identity), headers={"Location": path, "X-Auth-Token": token})


def document(face: Face, identity: str) -> dict[str, Any] | None:
    if identity not in face.sessions:
        return None
    return {
        "@odata.id": f"{paths.SESSIONS}/{identity}",
        "@odata.type": "#Session.v1_8_0.Session",
        "Id": identity,
        "Name": f"Session {identity}",
        "UserName": face.manners.user,
        "Password": None,
    }


def delete(face: Face, request: Request, identity: str) -> Reply:
    if face.sessions.pop(identity, None) is None:
        return errors.not_found(request.path)
    return Reply(status=204)


def _is_basic(face: Face, header: str) -> bool:
    scheme, _, coded = header.partition(" ")
    try:
        told = base64.b64decode(coded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return scheme == "Basic" and secrets.compare_digest(told, f"{face.manners.user}:{face.manners.password}")


def _unknown() -> Reply:
    headers = {"WWW-Authenticate": 'Basic realm="Redfish"'}
    return errors.error(401, f"{errors.BASE}NoValidSession", "There is no valid session.", headers=headers)
