"""From a FabricManager's row to the driver that speaks to it."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q, Sum

from fabric.catalogue.attributes import further_facts
from fabric.drivers.base import Driver, DriverError
from fabric.drivers.credentials import Credentials
from fabric.drivers.emulator import EmulatedDevice, EmulatedHost
from fabric.drivers.profiles import Effective, effective, overlaid
from fabric.drivers.registry import Setup, build, emulated_fabric, emulator_path, profile_defaults
from fabric.models import Device, FabricManager, Host, Pool, ResourceBlock
from fabric.services.credentials import credentials_of
from fabric.services.notes import StoredNotes


def driver_for(manager: FabricManager, *, clock: Callable[[], float] = time.time) -> Driver:
    """`clock` gives seconds; only a test has another than the machine's. Raises registry.NoSuchDriver."""
    return build(name=manager.driver, setup=_setup(manager.pool, manager=manager, clock=clock))


@contextmanager
def trying(manager: FabricManager, *, credentials: Credentials | None = None) -> Iterator[Driver]:
    """A driver of its own that is closed at the end, with what an operator wants to be so and is not yet written."""
    setup = _setup(manager.pool, manager=manager, credentials=credentials)
    driver = build(name=manager.driver, setup=replace(setup, is_shared=False))
    try:
        yield driver
    finally:
        close: Callable[[], None] = getattr(driver, "close", _nothing)
        close()


def effective_profile(manager: FabricManager) -> tuple[Effective, ...]:
    """Every value in force and where it comes from, for operators; one that does not answer says nothing of itself.

    Raises registry.NoSuchDriver, and WrongProfile for a profile that the driver does not take.
    """
    defaults = profile_defaults(manager.driver)
    effective(defaults, operator=manager.profile, found={})
    try:
        found: Mapping[str, Any] = getattr(driver_for(manager), "found", dict)()
    except DriverError:
        found = {}
    return effective(defaults, operator=manager.profile, found=found)


def check_profile(*, driver: str, profile: Mapping[str, Any]) -> None:
    """Raises WrongProfile, which names each key and its remedy."""
    overlaid(profile_defaults(driver), profile)


def _nothing() -> None:
    """What a driver without connections has to close."""


def emulated_fabric_of(pool: Pool) -> Path:
    """The file of the pool's emulated fabric, made or grown if need be, whatever drives the pool."""
    return emulated_fabric(_setup(pool))


def emulator_path_of(pool: Pool) -> Path:
    return emulator_path(data_dir=Path(settings.HEDDLE_DATA_DIR), pool=pool.code)


def _setup(
    pool: Pool,
    *,
    manager: FabricManager | None = None,
    clock: Callable[[], float] = time.time,
    credentials: Credentials | None = None,
) -> Setup:
    if credentials is None:
        credentials = credentials_of(manager) if manager else Credentials()
    return Setup(
        manager=manager.code if manager else "",
        credentials=credentials,
        notes=StoredNotes(manager_id=manager.pk) if manager else None,
        pool=pool.code,
        endpoint=manager.endpoint if manager else "",
        profile=manager.profile if manager else {},
        simulation=pool.simulation,
        data_dir=Path(settings.HEDDLE_DATA_DIR),
        clock=clock,
        inventory_mark=_inventory_mark(pool),
        devices=lambda: _devices(pool),
        hosts=lambda: _hosts(pool),
    )


def _inventory_mark(pool: Pool) -> str:
    """Differs whenever rows were added, other cards may be cut or the simulation changed; two cheap queries."""
    can_be_cut = Q(is_mig_capable=True)
    blocks = ResourceBlock.objects.filter(pool=pool).aggregate(
        n=Count("id"), last=Max("id"), cut=Count("id", filter=can_be_cut), which=Sum("id", filter=can_be_cut)
    )
    hosts = Host.objects.filter(pool=pool).aggregate(n=Count("id"), last=Max("id"))
    return json.dumps([blocks, hosts, pool.simulation], sort_keys=True, default=str)  # a sum is a Decimal


def _devices(pool: Pool) -> list[EmulatedDevice]:
    """A block of a pool file holds one device; its serial was derived from the block's code when it was loaded."""
    hardware = {device.block_id: device for device in Device.objects.filter(block__pool=pool).order_by("-id")}
    rows = ResourceBlock.objects.filter(pool=pool).select_related("device_class", "fixed_host").order_by("code")
    return [
        EmulatedDevice(
            code=block.code,
            device_class=block.device_class.code,
            serial=hardware[block.id].serial if block.id in hardware else "",
            pci_id=hardware[block.id].pci_id if block.id in hardware else "",
            slot=block.slot,
            fixed_host=block.fixed_host.code if block.fixed_host else None,
            mig_profiles=_profiles(block),
            power_cap_max_w=block.device_class.tdp_w or 0,
            lanes=(block.device_class.facts.get("pcie") or {}).get("lanes"),
        )
        for block in rows
    ]


def _profiles(block: ResourceBlock) -> Mapping[str, int]:
    """None for a card that its pool does not allow to be cut."""
    if not block.is_mig_capable:
        return {}
    return further_facts(block.device_class.code, block.device_class.facts)["mig_profiles"]


def _hosts(pool: Pool) -> list[EmulatedHost]:
    return [
        EmulatedHost(
            code=host.code,
            address=host.address,
            hot_add=bool(host.facts["limits"]["hot_add"]),
            reboot_seconds=float(host.facts["limits"]["reboot_seconds"]),
        )
        for host in Host.objects.filter(pool=pool).order_by("code")
    ]
