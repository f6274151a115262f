"""The service that the validators look at: a small fabric with one of everything, and one node composed on it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fabric.drivers.emulator import EmulatedDevice, EmulatedHost, create
from fabric.drivers.emulator.seed import set_latency_scale
from fabric.redfish_simulator.app import answering
from fabric.redfish_simulator.face import Face
from fabric.redfish_simulator.server import running

DEVICES = {"gpu-1": "gpu", "gpu-2": "gpu", "drive-1": "nvme", "adapter-1": "nic"}
FIXED, LANES = "gpu-3", 16


@contextmanager
def service(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Its address, user and password. A system is composed, a task runs."""
    path = folder / "fabric.sqlite3"
    devices = [_device(code, kind, slot) for slot, (code, kind) in enumerate(DEVICES.items(), start=1)]
    hosts = [EmulatedHost(code=code, address=f"{code}.example") for code in ("host-1", "host-2", "host-3")]
    fixed = _device(FIXED, "gpu", 0, fixed_host="host-3")
    create(path=path, devices=[*devices, fixed], hosts=hosts, simulation={"latency_scale": 0})
    face = Face(path=path, clock=time.time)
    face.engine.compose(op_key="made", tag="node-1", host="host-1", blocks=("gpu-1", "drive-1", "adapter-1"))
    set_latency_scale(path=path, scale=1000.0)
    face.engine.compose(op_key="running", tag="node-2", host="host-2", blocks=("gpu-2",))
    with running(answering(face)) as url:
        yield url, face.manners.user, face.manners.password


def _device(code: str, kind: str, slot: int, *, fixed_host: str | None = None) -> EmulatedDevice:
    return EmulatedDevice(
        code=code,
        device_class=kind,
        serial=f"SN-{code}",
        pci_id="10de:2321",
        slot=slot,
        fixed_host=fixed_host,
        lanes=LANES,
    )
