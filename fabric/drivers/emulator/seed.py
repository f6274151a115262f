"""Filling the file from a pool's inventory, and the figures it is to imitate."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fabric.drivers.emulator import store

CLEAN_SECONDS = {"p50": 2.0, "p95": 4.0}  # pool files do not say; a reset and a MIG and ECC check take seconds
CONFIGURE_SECONDS = {"p50": 3.0, "p95": 6.0}  # not in pool files either; a change of MIG mode is a reset of the card
DEFAULT_SPREAD = {"p50": 8.0, "p95": 20.0}  # of a pool without `simulation`: the small lab's


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatedDevice:
    """One block. `fixed_host` is set for a device of a fixed system, which never leaves it.

    `mig_profiles` is what it can be cut into, with the most of each; empty for a card that is not to be cut.
    `power_cap_max_w` is the highest cap it takes; 0 for a device without one.
    """

    code: str
    device_class: str
    serial: str
    pci_id: str
    slot: int
    fixed_host: str | None = None
    mig_profiles: Mapping[str, int] = field(default_factory=dict)
    power_cap_max_w: int = 0
    lanes: int | None = None  # of its link; None for one that does not tell


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatedHost:
    """`address` is how a tenant reaches it. Without `hot_add` any new device costs a reboot of `reboot_seconds`."""

    code: str
    address: str
    hot_add: bool = True
    reboot_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Simulation:
    """What the fabric imitates. `latency_scale` 0 makes everything instant, 1 is as the pool file says."""

    seed: int
    bind_seconds: Mapping[str, float]
    unbind_seconds: Mapping[str, float]
    clean_seconds: Mapping[str, float]
    configure_seconds: Mapping[str, float]
    latency_scale: float
    bind_failure_probability: float


def create(
    *,
    path: Path,
    devices: Iterable[EmulatedDevice],
    hosts: Iterable[EmulatedHost],
    simulation: Mapping[str, Any],
    inventory_mark: str = "",
) -> None:
    """Make the file, or let it grow to a larger inventory; what is bound, broken or switched on stays as it is.

    `inventory_mark` is kept for the caller, who can tell by it (`mark_of`) whether anything is new.
    """
    store.make(path)
    with store.transaction(path) as db:
        _add_hosts(db, hosts)
        _add_devices(db, devices)
        for name, value in _settings(simulation).items():
            db.execute(
                "INSERT INTO setting VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value)
            )
        scale = json.dumps(float(simulation.get("latency_scale", 1.0)))
        db.execute("INSERT INTO setting VALUES ('latency_scale', ?) ON CONFLICT DO NOTHING", (scale,))
        db.execute("INSERT OR REPLACE INTO setting VALUES ('inventory_mark', ?)", (json.dumps(inventory_mark),))


def mark_of(path: Path) -> str | None:
    """The mark of the last `create`; None where there is no file, or one of an earlier version that has to grow."""
    if not path.exists():
        return None
    with store.snapshot(path) as db:
        return None if store.lacking(db) else str(read_settings(db).get("inventory_mark", ""))


def set_latency_scale(*, path: Path, scale: float) -> None:
    """Operations already running keep their durations. Raises ValueError for a negative scale."""
    if not scale >= 0:
        raise ValueError("The latency scale is 0 (instant) or more.")
    with store.transaction(path) as db:
        db.execute("INSERT OR REPLACE INTO setting VALUES ('latency_scale', ?)", (json.dumps(scale),))


def read_settings(db: sqlite3.Connection) -> dict[str, Any]:
    return {
        row["name"]: json.loads(row["value"]) for row in db.execute("SELECT name, value FROM setting ORDER BY name")
    }


def read_simulation(db: sqlite3.Connection) -> Simulation:
    settings = read_settings(db)
    return Simulation(
        seed=settings["seed"],
        bind_seconds=settings["bind_seconds"],
        unbind_seconds=settings["unbind_seconds"],
        clean_seconds=settings["clean_seconds"],
        configure_seconds=settings["configure_seconds"],
        latency_scale=settings["latency_scale"],
        bind_failure_probability=settings["bind_failure_probability"],
    )


def _settings(simulation: Mapping[str, Any]) -> dict[str, str]:
    return {
        "seed": json.dumps(int(simulation.get("seed", 1))),
        "bind_seconds": json.dumps(simulation.get("bind_seconds", DEFAULT_SPREAD)),
        "unbind_seconds": json.dumps(simulation.get("unbind_seconds", DEFAULT_SPREAD)),
        "clean_seconds": json.dumps(simulation.get("clean_seconds", CLEAN_SECONDS)),
        "configure_seconds": json.dumps(simulation.get("configure_seconds", CONFIGURE_SECONDS)),
        "bind_failure_probability": json.dumps(float(simulation.get("bind_failure_probability", 0.0))),
    }


def _add_hosts(db: sqlite3.Connection, hosts: Iterable[EmulatedHost]) -> None:
    db.executemany(
        "INSERT INTO host (code, address, hot_add, reboot_seconds) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        "address = excluded.address, hot_add = excluded.hot_add, reboot_seconds = excluded.reboot_seconds",
        [(host.code, host.address, int(host.hot_add), host.reboot_seconds) for host in hosts],
    )


def _add_devices(db: sqlite3.Connection, devices: Iterable[EmulatedDevice]) -> None:
    """A known block keeps its hardware; what its pool allows to be done with it may have changed."""
    db.executemany(
        "INSERT INTO block (code, device_class, serial, pci_id, slot, fixed_host, mig_profiles, power_cap_max_w, "
        "lanes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET mig_profiles = excluded.mig_profiles, "
        "power_cap_max_w = excluded.power_cap_max_w, lanes = excluded.lanes",
        [
            (
                one.code,
                one.device_class,
                one.serial,
                one.pci_id,
                one.slot,
                one.fixed_host,
                json.dumps(dict(one.mig_profiles)),
                one.power_cap_max_w,
                one.lanes,
            )
            for one in devices
        ],
    )
