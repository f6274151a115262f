"""Requests that change the fabric. One job at a time for all of it, and the fabric picks the devices."""

from collections.abc import Callable, Mapping
from typing import Any

from fabric.counted_simulator import words
from fabric.counted_simulator.face import Face
from fabric.counted_simulator.facts import OURS
from fabric.counted_simulator.knobs import Knob
from fabric.counted_simulator.standing import COUNTED, ON_A_MACHINE, Standing, picked
from fabric.counted_simulator.words import Code
from fabric.drivers.base import Done, DriverError, Pending
from fabric.drivers.emulator import mischief, settling, store
from fabric.redfish_simulator.web import Hang, Reply, Request

Act = Callable[[str], Done | Pending]
STRANGER = "stranger"


def resize(face: Face, request: Request, machine_id: str) -> Reply:
    """{"increase_resource_count": {…}} or {"remove_resources": {…}}, one of them."""
    host, body = face.facts.host(machine_id), request.json()
    if host is None:
        return words.not_found(request.path)
    if (refusal := _job_refusal(face)) is not None:
        return refusal
    if face.knobs.is_on(Knob.HOST_ON) and host["is_on"]:
        return words.refused(409, Code.MUST_BE_OFF, f"Machine {machine_id} must be off.")
    if set(body) == {"increase_resource_count"}:
        return _increase(face, machine_id, body["increase_resource_count"])
    if set(body) == {"remove_resources"}:
        return _remove(face, machine_id, body["remove_resources"])
    return words.malformed("One of increase_resource_count and remove_resources.")


def _increase(face: Face, machine_id: str, wish: Mapping[str, Any]) -> Reply:
    """To an absolute number: whoever has raised it meanwhile leaves the less to be added."""
    spec, number = wish.get("spec_uuid"), wish.get("device_count")
    if spec not in {face.spec(one) for one in face.standings().values()}:
        return words.not_found(f"spec {spec}")
    if not isinstance(number, int) or isinstance(number, bool):
        return words.malformed("device_count is a number.")
    if face.knobs.strikes(Knob.SECOND_WRITER):
        _second_writer(face, machine_id, str(spec))
    of_spec = [one for one in face.standings().values() if face.spec(one) == spec]
    there = sum(1 for one in of_spec if one.machine == machine_id and one.status in COUNTED)
    if number <= there:
        return words.good({"device_count": there})
    chosen = picked(_idle_for(of_spec, machine_id), number - there)
    if len(chosen) < number - there:
        return words.refused(409, Code.TOO_FEW, f"There are only {len(chosen)} idle devices of the spec.")
    codes = [one.code for one in chosen]
    tag = _machine_tag(face, machine_id)
    return _carried_out(face, lambda op_key: face.engine.resize(op_key=op_key, tag=tag, add=codes, remove=()))


def _remove(face: Face, machine_id: str, wish: Mapping[str, Any]) -> Reply:
    """Exactly the devices named; whoever attached them."""
    found, codes = face.standings(), wish.get("devices")
    if not isinstance(codes, list) or not codes or len(set(map(str, codes))) != len(codes):
        return words.malformed("devices is a list of ids.")
    there = {code for code, one in found.items() if one.machine == machine_id and one.status in ON_A_MACHINE}
    if strangers := sorted(set(codes) - there):
        text = f"Not on {machine_id}: {', '.join(strangers)}."
        return words.refused(409, Code.NOT_IDLE, text, devices=strangers)
    tags = {found[code].row["tag"] for code in codes}
    tag = tags.pop()
    if tags or not tag.startswith(OURS):
        return words.refused(403, Code.NOT_IDLE, "The devices are somebody else's.", devices=sorted(codes))
    if {code for code in there if found[code].row["tag"] == tag} == set(codes):
        return _carried_out(face, lambda op_key: face.engine.decompose(op_key=op_key, tag=tag))
    return _carried_out(face, lambda op_key: face.engine.resize(op_key=op_key, tag=tag, add=(), remove=codes))


def reset(face: Face, request: Request, device_id: str) -> Reply:
    """Leaves the device as new. A job like the others."""
    if device_id not in face.standings():
        return words.not_found(request.path)
    if (refusal := _job_refusal(face)) is not None:
        return refusal
    return _carried_out(face, lambda op_key: face.engine.clean(op_key=op_key, blocks=[device_id]))


def power(face: Face, request: Request, machine_id: str) -> Reply:
    wanted = request.json().get("power")
    if face.facts.host(machine_id) is None:
        return words.not_found(request.path)
    if wanted not in ("on", "off"):
        return words.malformed("power is on or off.")
    face.engine.power(host=machine_id, on=wanted == "on")
    return words.good({"power": wanted})


def resume(face: Face, request: Request) -> Reply:
    """The suspended job goes on with the time it still had."""
    running = face.facts.job()
    if running is None or running["op_key"] not in face.suspended:
        return words.refused(409, Code.NO_JOB, "There is no suspended job.")
    with store.transaction(face.path) as db:
        for block, seconds in face.suspended.pop(running["op_key"]).items():
            due = (face.clock() + seconds, running["op_key"], block)
            db.execute("UPDATE line SET due_at = ? WHERE op_key = ? AND block = ? AND is_settled = 0", due)
    return words.accepted("The job goes on.")


def cancel(face: Face, request: Request) -> Reply:
    """The job stops where it is: what is attached stays attached."""
    running = face.facts.job()
    if running is None:
        return words.refused(409, Code.NO_JOB, "There is no job.")
    face.suspended.pop(running["op_key"], None)
    with store.transaction(face.path) as db:
        settling.call_off(db, op_key=running["op_key"], now=face.clock())
    return words.accepted("The job is cancelled.")


def _job_refusal(face: Face) -> Reply | None:
    running = face.facts.job()
    if running is None:
        return None
    if running["op_key"] in face.suspended:
        text = "A job is suspended; it must be resumed or cancelled first."
        return words.refused(409, Code.JOB_SUSPENDED, text)
    return words.refused(409, Code.JOB_RUNS, "A job is running; there is one at a time.")


def _carried_out(face: Face, act: Act) -> Reply:
    if face.knobs.strikes(Knob.ERROR_IN_200):
        return words.refused(500, Code.TORN, "Something went wrong.").but(status=200)
    op_key = f"{OURS}{face.facts.next_change('a change was asked for')}"
    try:
        reply = act(op_key)
    except DriverError as raised:
        return words.of_engine(raised)
    finally:
        face.facts.forget()
    if isinstance(reply, Pending) and face.knobs.strikes(Knob.SUSPENDED):
        _suspend(face, op_key)
    if face.knobs.strikes(Knob.SILENT):
        raise Hang
    if face.knobs.strikes(Knob.GARBAGE):
        return Reply(status=200, body="<html>Bad Gateway</html>")
    return words.accepted("The job has begun.")


def _suspend(face: Face, op_key: str) -> None:
    with store.transaction(face.path) as db:
        rows = db.execute("SELECT block, due_at FROM line WHERE op_key = ? AND is_settled = 0", (op_key,)).fetchall()
        left = {row["block"]: row["due_at"] - face.clock() for row in rows if row["due_at"] is not None}
        db.execute("UPDATE line SET due_at = NULL WHERE op_key = ? AND is_settled = 0", (op_key,))
    face.suspended[op_key] = left


def _second_writer(face: Face, machine_id: str, spec: str) -> None:
    """Somebody else raises the count by one, and gets the device that we would have got."""
    idle = [one for one in face.standings().values() if face.spec(one) == spec]
    for one in picked(_idle_for(idle, machine_id), 1):
        mischief.attach(path=face.path, block=one.code, host=machine_id, tag=STRANGER, now=face.clock())
    face.facts.forget()


def _idle_for(devices: list[Standing], machine_id: str) -> list[Standing]:
    return [one for one in devices if one.is_idle and one.row["fixed_host"] in (None, machine_id)]


def _machine_tag(face: Face, machine_id: str) -> str:
    """The engine's name for what this face attaches to a host, which no client ever sees."""
    if (tag := face.facts.machine_tag(machine_id)) is not None:
        return tag
    tag = f"{OURS}{face.facts.next_change(f'machine {machine_id} was begun')}"
    with store.transaction(face.path) as db:
        db.execute("INSERT INTO machine VALUES (?, ?, 0, ?)", (tag, machine_id, face.clock()))
    return tag
