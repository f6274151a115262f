"""Pools whose fabric is simulated behind a service of its own: the emulator's file is the engine, a driver speaks HTTP.

A manager is ours to switch while it is emulated, or speaks to the simulator that was started for its pool; one that an
operator pointed at a real service is never touched.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from fabric.drivers.credentials import Credentials
from fabric.models import FabricManager, Pool
from fabric.services.credentials import credentials_of
from fabric.services.name_driver import write_driver

EMULATOR = "emulator"
USER, PASSWORD_BYTES = "heddle", 24
PROFILES: Mapping[str, Mapping[str, Any]] = {
    "redfish": {"max_parallel_mutations": 4, "attach_seconds_max": 1500, "settle_seconds": 15, "call_seconds": 300},
    "counted": {"attach_seconds_max": 1500, "settle_seconds": 15, "call_seconds": 300},
}
"""What an operator would say of a simulator: it reboots hosts, answers at once, and may show thousands of blocks."""


@dataclass(frozen=True, slots=True)
class Simulator:
    """One process a pool. `driver` is the name of what speaks to it, and of its command."""

    pool: str
    driver: str
    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


def settle(
    *, wanted: str | None, before: Sequence[Simulator], choose_port: Callable[[int], int]
) -> tuple[Simulator, ...]:
    """Which simulators have to run, with the managers' rows made to match; without a wish all stays as it was.

    `choose_port` is asked with the port of before (0 for none). Raises StillWired where a node is composed through a
    manager whose driver would change.
    """
    running = []
    for pool in Pool.objects.order_by("code"):
        old = next((one for one in before if one.pool == pool.code), None)
        ours = [manager for manager in pool.fabric_managers.order_by("id") if _is_ours(manager, old)]
        driver = wanted or next((manager.driver for manager in ours), EMULATOR)
        if not ours:
            continue
        if driver == EMULATOR:
            _emulate(ours)
            continue
        simulator = Simulator(pool.code, driver, choose_port(old.port if old else 0))
        _point(ours, simulator)
        running.append(simulator)
    return tuple(running)


def login_of(pool: Pool) -> Credentials:
    """Whom the pool's simulator lets in: the portal's own managers. Raises LookupError where none speaks to one."""
    for manager in pool.fabric_managers.exclude(sealed_credentials="").order_by("id"):
        return credentials_of(manager)
    raise LookupError(f"No fabric manager of {pool.code} has credentials.")


def _is_ours(manager: FabricManager, old: Simulator | None) -> bool:
    is_simulated = old is not None and (manager.driver, manager.endpoint) == (old.driver, old.endpoint)
    return manager.driver == EMULATOR or is_simulated


def _emulate(managers: Sequence[FabricManager]) -> None:
    for manager in managers:
        if manager.driver != EMULATOR:
            write_driver(manager=manager, driver=EMULATOR, endpoint="", profile={}, credentials=Credentials())


def _point(managers: Sequence[FabricManager], simulator: Simulator) -> None:
    """A new secret at every start: it is in no file, and the simulator reads it where the portal keeps it."""
    credentials = Credentials(USER, secrets.token_urlsafe(PASSWORD_BYTES))
    for manager in managers:
        is_new = manager.driver != simulator.driver
        write_driver(
            manager=manager,
            driver=simulator.driver,
            endpoint=simulator.endpoint,
            profile=PROFILES.get(simulator.driver, {}) if is_new else manager.profile,
            credentials=credentials,
        )
