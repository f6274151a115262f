"""Driver names and what makes each driver: a new one is a folder and a line here.

What a driver needs of rows and settings comes as plain values in a `Setup`, since drivers know no Django;
`fabric.services.drivers.driver_for` fills it in from a FabricManager.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fabric.drivers import counted, redfish
from fabric.drivers.base import Driver
from fabric.drivers.counted import CountedDriver
from fabric.drivers.credentials import NOBODY, Credentials
from fabric.drivers.emulator import EmulatedDevice, EmulatedHost, EmulatorDriver, create
from fabric.drivers.emulator.driver import CAPABILITIES
from fabric.drivers.emulator.seed import mark_of
from fabric.drivers.notes import Notes
from fabric.drivers.profiles import WrongProfile, overlaid
from fabric.drivers.redfish import RedfishDriver


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """`devices` and `hosts` are called by a driver that makes its own fabric; `inventory_mark` changes with them."""

    pool: str
    endpoint: str
    profile: Mapping[str, Any]
    simulation: Mapping[str, Any]
    data_dir: Path
    clock: Callable[[], float]  # seconds
    inventory_mark: str
    devices: Callable[[], list[EmulatedDevice]]
    hosts: Callable[[], list[EmulatedHost]]
    manager: str = ""
    credentials: Credentials = NOBODY
    notes: Notes | None = None  # there wherever there is a manager
    is_shared: bool = True  # a driver that keeps connections is made once a process, unless it is only tried


Connected = RedfishDriver | CountedDriver


class NoSuchDriver(LookupError):
    """A fabric manager names a driver that is not in the table."""


def emulator_path(*, data_dir: Path, pool: str) -> Path:
    """Where the truth of a pool's emulated fabric lies."""
    return data_dir / "emulator" / f"{pool}.sqlite3"


def build(*, name: str, setup: Setup) -> Driver:
    """Raises NoSuchDriver."""
    require(name)
    return DRIVERS[name](setup)


def require(name: str) -> None:
    """Raises NoSuchDriver with those that there are."""
    if name not in DRIVERS:
        raise NoSuchDriver(f"There is no driver {name!r}; there are {', '.join(sorted(DRIVERS))}.")


def profile_defaults(name: str) -> Any:
    """What an operator may overlay on a driver. Raises NoSuchDriver."""
    require(name)
    return PROFILES[name]


def can_configure(*, driver: str, profile: Mapping[str, Any]) -> bool:
    """Whether cards can be cut and capped, without asking anybody: no driver learns that from its service."""
    try:
        told: bool = getattr(overlaid(profile_defaults(driver), profile), "can_configure", False)
    except (NoSuchDriver, WrongProfile):
        return False
    return told


def emulated_fabric(setup: Setup) -> Path:
    """The file of a pool's emulated fabric, made on first use and grown with the pool."""
    path = emulator_path(data_dir=setup.data_dir, pool=setup.pool)
    if mark_of(path) != setup.inventory_mark:
        create(
            path=path,
            devices=setup.devices(),
            hosts=setup.hosts(),
            simulation=setup.simulation,
            inventory_mark=setup.inventory_mark,
        )
    return path


def _emulator(setup: Setup) -> Driver:
    return EmulatorDriver(path=emulated_fabric(setup), clock=setup.clock, profile=setup.profile)


def _redfish(setup: Setup) -> Driver:
    return _connected("redfish", RedfishDriver, setup)


def _counted(setup: Setup) -> Driver:
    return _connected("counted", CountedDriver, setup)


def _connected(name: str, kind: type[Connected], setup: Setup) -> Driver:
    """One a service and process, since it keeps connections and a login open. Raises Permanent for a bad profile."""
    if not setup.is_shared:
        return _new(kind, setup)
    overlay = json.dumps(dict(setup.profile), sort_keys=True)
    key = (name, setup.pool, setup.manager, setup.endpoint, setup.credentials, overlay, setup.clock)
    with _LOCK:
        if key not in _SERVICES:
            _SERVICES[key] = _new(kind, setup)
        return _SERVICES[key]


def _new(kind: type[Connected], setup: Setup) -> Driver:
    assert setup.notes is not None
    return kind(
        endpoint=setup.endpoint,
        credentials=setup.credentials,
        notes=setup.notes,
        clock=setup.clock,
        profile=setup.profile,
    )


_SERVICES: dict[tuple[object, ...], Driver] = {}
_LOCK = threading.Lock()

DRIVERS: Mapping[str, Callable[[Setup], Driver]] = {"emulator": _emulator, "redfish": _redfish, "counted": _counted}

PROFILES: Mapping[str, Any] = {"emulator": CAPABILITIES, "redfish": redfish.Profile(), "counted": counted.Profile()}
"""What an operator may overlay on each driver, with its defaults (`fabric.drivers.profiles`)."""
