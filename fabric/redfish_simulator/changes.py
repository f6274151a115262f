"""Requests that change the fabric: composing, taking apart, adding and removing, resets."""

from collections.abc import Callable, Sequence
from typing import Any

from fabric.drivers.base import Done, DriverError, Pending
from fabric.redfish_simulator import errors, expanding, inventory, paths, systems, tasks
from fabric.redfish_simulator.face import Face
from fabric.redfish_simulator.knobs import Knob
from fabric.redfish_simulator.manners import Ids
from fabric.redfish_simulator.web import Hang, Reply, Request

Act = Callable[[str], Done | Pending]


def create(face: Face, request: Request) -> Reply:
    body = request.json()
    if (refusal := _id_refusal(face, body)) is not None:
        return refusal
    return _compose(face, body, door="post")


def compose_action(face: Face, request: Request) -> Reply:
    """One stanza of ComposeSystem; previews are not offered."""
    body = request.json()
    stanzas = body.get("Manifest", {}).get("Stanzas", [])
    if body.get("RequestType") != "Apply" or len(stanzas) != 1 or stanzas[0].get("StanzaType") != "ComposeSystem":
        return errors.error(400, f"{errors.COMPOSITION}UnableToProcessStanzaRequest", "One ComposeSystem to apply.")
    return _compose(face, stanzas[0].get("Request", {}), door=tasks.MANIFEST)


def _id_refusal(face: Face, body: dict[str, Any]) -> Reply | None:
    if face.manners.ids == Ids.SERVER:
        return errors.unwritable("Id") if "Id" in body else None
    if "Id" not in body:
        return errors.missing_property("Id")
    if face.manners.ids == Ids.LISTED and body["Id"] not in inventory.LISTED_IDS:
        return errors.error(400, f"{errors.BASE}PropertyValueNotInList", "The value of Id is not in the list.", ["Id"])
    if face.facts.system(body["Id"]) is not None:
        return errors.error(409, f"{errors.BASE}ResourceAlreadyExists", f"There is a system {body['Id']} already.")
    return None


def _compose(face: Face, body: dict[str, Any], *, door: str) -> Reply:
    for name in ("Name", "Links"):
        if name not in body:
            return errors.missing_property(name)
    codes = [paths.block_of(one.get("@odata.id", "")) for one in body["Links"].get("ResourceBlocks", [])]
    hosts = [code for code in codes if face.facts.host(code) is not None]
    if len(hosts) != 1:
        return errors.error(400, f"{errors.COMPOSITION}NoResourceMatch", "A system needs one block of type Compute.")
    blocks, tag = [code for code in codes if code not in hosts], str(body["Name"])
    if {face.facts.fixed_hosts().get(code, hosts[0]) for code in blocks} - {hosts[0]}:
        return errors.error(400, f"{errors.COMPOSITION}IncompatibleZone", "The blocks are of different zones.", codes)
    if is_half := face.knobs.strikes(Knob.HALF_APPLIED):
        blocks = blocks[: len(blocks) // 2]

    def act(op_key: str) -> Done | Pending:
        face.doors[op_key] = door
        return face.engine.compose(op_key=op_key, tag=tag, host=hosts[0], blocks=blocks)

    def after(op_key: str) -> None:
        description = str(body.get("Description", "")) if face.manners.keeps_description else ""
        face.facts.remember_system(tag=tag, identity=str(body.get("Id", f"composed-{op_key}")), description=description)

    reply = _carried_out(face, act, after=after)
    return errors.error(500, f"{errors.BASE}InternalError", "Something went wrong.") if is_half else reply


def delete(face: Face, request: Request, identity: str) -> Reply:
    row = face.facts.system(identity)
    if row is None:
        is_physical = systems.system(face, identity) is not None
        return Reply(status=405, headers={"Allow": "GET"}) if is_physical else errors.not_found(request.path)
    if (refusal := stale(face, request, systems.system(face, identity) or {})) is not None:
        return refusal
    if row["is_foreign"]:
        return errors.error(403, f"{errors.BASE}InsufficientPrivilege", "The system is somebody else's.")
    return _carried_out(face, lambda op_key: face.engine.decompose(op_key=op_key, tag=row["tag"]))


def patch(face: Face, request: Request, identity: str) -> Reply:
    """The whole array of its blocks, of which the host stays."""
    target = _target(face, identity)
    if target is None:
        return errors.not_found(request.path)
    if (refusal := stale(face, request, systems.system(face, identity) or {})) is not None:
        return refusal
    body = request.json()
    wanted = body.get("Links", {}).get("ResourceBlocks")
    if wanted is None or set(body) != {"Links"}:
        return errors.unwritable(", ".join(sorted(set(body) - {"Links"})) or "Links")
    codes = [paths.block_of(one.get("@odata.id", "")) for one in wanted]
    if target.host not in codes:
        return errors.error(400, f"{errors.BASE}PropertyValueError", "The Compute block cannot be removed.")
    add = [code for code in codes if code not in [*target.blocks, target.host]]
    remove = [code for code in target.blocks if code not in codes]
    return _resized(face, target, add=add, remove=remove)


def add_block(face: Face, request: Request, identity: str) -> Reply:
    return _by_action(face, request, identity, is_adding=True)


def remove_block(face: Face, request: Request, identity: str) -> Reply:
    return _by_action(face, request, identity, is_adding=False)


def _by_action(face: Face, request: Request, identity: str, *, is_adding: bool) -> Reply:
    target = _target(face, identity)
    if target is None:
        return errors.not_found(request.path)
    code = paths.block_of(request.json().get("ResourceBlock", {}).get("@odata.id", ""))
    if not code:
        return errors.missing_property("ResourceBlock")
    return _resized(face, target, add=[code] if is_adding else [], remove=[] if is_adding else [code])


def _resized(face: Face, target: expanding.Target, *, add: Sequence[str], remove: Sequence[str]) -> Reply:
    if not target.is_base:
        tag = target.tag
        return _carried_out(face, lambda op_key: face.engine.resize(op_key=op_key, tag=tag, add=add, remove=remove))
    is_half = bool(add) and face.knobs.strikes(Knob.HALF_APPLIED)
    added = add[: len(add) // 2] if is_half else add
    if expanding.is_nothing(face, target, add=added, remove=remove):
        return Reply(status=204)
    reply = _carried_out(face, lambda op_key: expanding.change(face, target, op_key, add=added, remove=remove))
    return errors.error(500, f"{errors.BASE}InternalError", "Something went wrong.") if is_half else reply


def _target(face: Face, identity: str) -> expanding.Target | None:
    """A composed system, or a host's own where that is what expands; None for what is not there or does not change."""
    if face.manners.is_expandable:
        return expanding.target(face, identity)
    row = face.facts.system(identity)
    if row is None:
        return None
    return expanding.Target(row["host"], row["tag"], tuple(face.facts.blocks_of(row["tag"])), is_base=False)


def reset_device(face: Face, request: Request, code: str) -> Reply:
    """A processor's reset, a drive's erasure, an adapter's defaults: each leaves the block as new."""
    if face.facts.block(code) is None:
        return errors.not_found(request.path)
    return _carried_out(face, lambda op_key: face.engine.clean(op_key=op_key, blocks=[code]))


def reset_host(face: Face, request: Request, code: str) -> Reply:
    wanted = request.json().get("ResetType")
    if wanted not in ("On", "ForceOff"):
        return errors.error(400, f"{errors.BASE}ActionParameterNotSupported", "ResetType is On or ForceOff.")
    try:
        face.engine.power(host=code, on=wanted == "On")
    except DriverError as raised:
        return errors.of_engine(raised)
    return Reply(status=204)


def stale(face: Face, request: Request, document: dict[str, Any]) -> Reply | None:
    """Whether the client looked at what is no longer so."""
    given, current = request.headers.get("if-match", ""), face.etag(document)
    if face.knobs.strikes(Knob.ETAG_RACE) or (given and given not in ("*", current)):
        text = "The ETag supplied did not match the ETag required."
        return errors.error(face.manners.stale_status, f"{errors.BASE}PreconditionFailed", text)
    if face.manners.needs_if_match and not given and current:
        return errors.error(428, f"{errors.BASE}PreconditionRequired", "An If-Match header is required.")
    return None


def _carried_out(face: Face, act: Act, *, after: Callable[[str], None] = lambda _: None) -> Reply:
    """Hand it to the engine under a name of its own. Raises NoReply and Hang where the reply is to be lost."""
    if face.knobs.strikes(Knob.ERROR_IN_200):
        return errors.error(500, f"{errors.BASE}InternalError", "Something went wrong.").but(status=200)
    op_key = face.facts.next_task()
    try:
        reply = act(op_key)
    except DriverError as raised:
        if face.facts.operation(op_key) is not None:
            after(op_key)
        return errors.of_engine(raised)
    after(op_key)
    face.facts.forget()
    if face.knobs.strikes(Knob.SILENT):
        raise Hang
    if face.knobs.strikes(Knob.GARBAGE):
        return Reply(status=200, body="<html>Bad Gateway</html>")
    if isinstance(reply, Pending):
        return tasks.accepted(face, op_key, reply, location=f"{paths.MONITORS}/{op_key}")
    return tasks.ended(face, op_key, reply)
