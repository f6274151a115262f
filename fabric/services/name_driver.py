"""An operator says what drives a fabric. Until then what a pool file describes is emulated."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from fabric.drivers.registry import DRIVERS, NoSuchDriver
from fabric.models import Composition, FabricManager
from fabric.services.drivers import driver_for
from fabric.states import CompositionState


class StillWired(Exception):
    """Nodes are composed through the fabric as it is; another driver would not know them."""


@transaction.atomic
def name_driver(
    *, manager: FabricManager, driver: str, endpoint: str, profile: Mapping[str, Any]
) -> tuple[FabricManager, int]:
    """The manager as it is now, and how many devices its service shows; nothing is changed if it cannot be asked.

    Raises StillWired, NoSuchDriver, and DriverError for an endpoint or a profile that does not work.
    """
    if driver not in DRIVERS:
        raise NoSuchDriver(f"There is no driver {driver!r}; there are {', '.join(sorted(DRIVERS))}.")
    locked = FabricManager.objects.select_for_update().get(id=manager.id)
    wired = Composition.objects.filter(fabric_manager=locked).exclude(state=CompositionState.CLOSED).count()
    if wired:
        raise StillWired(f"{wired} nodes are composed through {locked.code}; release them first.")
    locked.driver, locked.endpoint, locked.profile = driver, endpoint, dict(profile)
    locked.save(update_fields=["driver", "endpoint", "profile"])
    return locked, len(driver_for(locked).inventory().devices)
