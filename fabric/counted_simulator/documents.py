"""What is read: machines with their devices, devices, specs, the host's own bus, and the job."""

from typing import Any

from fabric.counted_simulator.face import Face
from fabric.counted_simulator.facts import HOSTS
from fabric.counted_simulator.knobs import Knob
from fabric.counted_simulator.standing import COUNTED, Standing

IDLE, RUNNING, SUSPENDED = "IDLE", "RUNNING", "SUSPENDED"


def machines(face: Face) -> list[dict[str, Any]]:
    return [found for row in face.facts.table(HOSTS) if (found := machine(face, row["code"])) is not None]


def machine(face: Face, machine_id: str) -> dict[str, Any] | None:
    """A host with all that is on it, comes to it, or was last added or removed in vain or with success."""
    host = face.facts.host(machine_id)
    if host is None:
        return None
    on_it = [one for one in face.standings().values() if one.machine == machine_id]
    specs = {face.spec(one): face.label(one) for one in on_it}
    return {
        "machine_id": machine_id,
        "address": host["address"],
        "power": "on" if host["is_on"] else "off",
        "boot_id": f"{machine_id}/{boots}" if (boots := _fact(host, "boots")) else "",
        "job": _job_state(face) if _is_job_of(face, machine_id) else None,
        "resources": [
            {
                "spec_uuid": spec,
                "device_count": sum(1 for one in on_it if face.spec(one) == spec and one.status in COUNTED),
                "devices": [device_of(face, one) for one in on_it if face.spec(one) == spec],
            }
            for spec in sorted(specs, key=lambda spec: specs[spec])
        ],
    }


def devices(face: Face) -> list[dict[str, Any]]:
    listed = [one for one in face.standings().values() if not face.knobs.is_on(Knob.GONE, one.code)]
    return [device_of(face, one) for one in listed]


def device(face: Face, device_id: str) -> dict[str, Any] | None:
    one = face.standings().get(device_id)
    return device_of(face, one) if one is not None and not face.knobs.is_on(Knob.GONE, device_id) else None


def device_of(face: Face, one: Standing) -> dict[str, Any]:
    row = one.row
    return {
        "device_id": one.code,
        "spec_uuid": face.spec(one),
        "model": row["device_class"],
        "serial_number": row["serial"],
        "pci": {"id": row["pci_id"], "address": row["address"]},
        "lanes": _fact(row, "lanes_up") or _fact(row, "lanes") or None,
        "machine_id": one.machine,
        "status": one.status.value,
        "detail": {"message": one.reason},
        "change": one.change,
        "last_change": one.last_change,
        "health": row["health"],
        "needs_reset": not row["is_clean"],
    }


def specs(face: Face) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in face.standings().values():
        spec = found.setdefault(face.spec(one), {"spec_uuid": face.spec(one), "name": face.label(one), "idle": 0})
        spec["idle"] += int(one.is_idle)
    return sorted(found.values(), key=lambda spec: str(spec["name"]))


def bus(face: Face, machine_id: str) -> dict[str, Any] | None:
    """What the host itself sees, whoever put it there; nothing while it is off."""
    host = face.facts.host(machine_id)
    if host is None:
        return None
    there = [one for one in face.standings().values() if one.row["host"] == machine_id and one.row["is_present"]]
    seen = [one for one in there if not face.knobs.is_on(Knob.HIDDEN, one.code)] if host["is_on"] else []
    return {
        "power": "on" if host["is_on"] else "off",
        "functions": [
            {
                "serial_number": one.row["serial"],
                "address": one.row["address"],
                "has_processes": (_fact(one.row, "busy_until") or 0.0) > face.clock(),
            }
            for one in seen
        ],
    }


def job(face: Face) -> dict[str, Any]:
    running = face.facts.job()
    if running is None:
        return {"state": IDLE, "machine_id": None}
    return {"state": _job_state(face), "machine_id": running["host"] or None}


def _job_state(face: Face) -> str:
    running = face.facts.job()
    return SUSPENDED if running is not None and running["op_key"] in face.suspended else RUNNING


def _is_job_of(face: Face, machine_id: str) -> bool:
    running = face.facts.job()
    return running is not None and running["host"] == machine_id


def _fact(row: Any, name: str) -> Any:
    """A column that older files of the emulator lack."""
    return row[name] if name in row.keys() else ""  # noqa: SIM118 - `in` looks at the values of a row
