"""Tasks and their monitors: an operation of the engine, shown as Redfish shows a task (DSP0266 12.2)."""

import math
from typing import Any

from fabric.drivers.base import BlockLine, BlockOutcome, Done, Pending, Unknown
from fabric.redfish_simulator import errors, paths, systems
from fabric.redfish_simulator.face import Face
from fabric.redfish_simulator.knobs import Knob
from fabric.redfish_simulator.web import Reply

MANIFEST = "manifest"
BOUND, FAILED = "Composed", "Failed"


def accepted(face: Face, op_key: str, pending: Pending, *, location: str) -> Reply:
    headers = {"Location": location, "Retry-After": str(max(1, math.ceil(pending.retry_after_seconds)))}
    return Reply(status=202, body=document(face, op_key), headers=headers)


def monitor(face: Face, op_key: str) -> Reply:
    """202 while it runs, then the answer the request would have had."""
    path = f"{paths.MONITORS}/{op_key}"
    if op_key in face.forgotten or face.knobs.strikes(Knob.TASK_LOST):
        return errors.not_found(path)
    try:
        reply = face.engine.poll(op_key)
    except Unknown:
        return errors.not_found(path)
    if isinstance(reply, Pending):
        return accepted(face, op_key, reply, location=path)
    return ended(face, op_key, reply)


def ended(face: Face, op_key: str, done: Done) -> Reply:
    """What a request is answered when its operation is over, at once or at last."""
    operation = face.facts.operation(op_key)
    assert operation is not None
    told = [_line(face, line) for line in done.lines]
    if operation["state"] != "done":
        text = "The operation was called off."
        return errors.error(409, f"{errors.BASE}OperationFailed", text)
    if operation["kind"] == "clean" and any(line.outcome != BlockOutcome.DONE for line in done.lines):
        return errors.error(500, f"{errors.BASE}InternalError", "The reset failed.")
    if face.manners.is_expandable and operation["kind"] in ("compose", "resize"):
        host = systems.system(face, f"{paths.PHYSICAL}{operation['host']}") or {}
        return Reply(status=200, body=host | {"@Message.ExtendedInfo": told})
    if operation["kind"] != "compose":
        return Reply(status=204)
    identity = next((row["id"] for row in face.facts.systems() if row["tag"] == operation["tag"]), None)
    body = systems.system(face, identity) if identity else None
    if body is None:
        return errors.error(409, f"{errors.BASE}OperationFailed", "The system is gone again.")
    body = body | ({"@Message.ExtendedInfo": told} if told else {})
    if face.doors.get(op_key) == MANIFEST:
        return Reply(status=200, body=_manifest(body))
    location = {"Location": body["@odata.id"]}
    if face.manners.success_status == 204:
        return Reply(status=204, headers=location)
    return Reply(status=face.manners.success_status, body=body, headers=location)


def document(face: Face, op_key: str) -> dict[str, Any] | None:
    operation = face.facts.operation(op_key)
    if operation is None or op_key in face.forgotten:
        return None
    reply = face.engine.poll(op_key)
    state = "Running" if isinstance(reply, Pending) else "Completed" if operation["state"] == "done" else "Cancelled"
    return {
        "@odata.id": f"{paths.TASKS}/{op_key}",
        "@odata.type": "#Task.v1_7_4.Task",
        "Id": op_key,
        "Name": f"Task {op_key}",
        "TaskState": state,
        "TaskStatus": "OK",
        "TaskMonitor": f"{paths.MONITORS}/{op_key}",
        "Messages": [_line(face, line) for line in reply.lines],
    }


def _line(face: Face, line: BlockLine) -> dict[str, Any]:
    """A block that is settled: its new state, or the error it has."""
    path = f"{paths.BLOCKS}/{line.block}"
    if line.outcome != BlockOutcome.DONE:
        text = f"The resource property {path} has detected errors of type '{line.reason}'."
        return errors.message("ResourceEvent.1.3.ResourceErrorsDetected", text, [path, line.reason])
    text = f"The composition state of the resource block '{line.block}' has changed to '{BOUND}'."
    args = [line.block, BOUND]
    name = f"{errors.COMPOSITION}ResourceBlockCompositionStateChanged"
    return errors.message(name, text, args, severity="OK")


def _manifest(system: dict[str, Any]) -> dict[str, Any]:
    stanza = {"StanzaType": "ComposeSystem", "StanzaId": "1", "Response": system}
    return {"RequestFormat": "Manifest", "RequestType": "Apply", "Manifest": {"Stanzas": [stanza]}}
