"""An operator says what drives a fabric. Until then what a pool file describes is emulated."""

import copy
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from fabric.drivers.credentials import Credentials
from fabric.models import Composition, FabricManager
from fabric.services.credentials import origin_of, set_credentials
from fabric.services.drivers import check_profile, trying
from fabric.services.generation import move_generation
from fabric.states import CompositionState


class StillWired(Exception):
    """Nodes are composed through the fabric as it is; another driver would not know them."""


def name_driver(
    *,
    manager: FabricManager,
    driver: str,
    endpoint: str,
    profile: Mapping[str, Any],
    credentials: Credentials | None = None,
) -> tuple[FabricManager, int]:
    """The manager as it is now, and how many devices its service shows; nothing is changed if it cannot be asked.

    Without `credentials` those that are stored stay, but only for the same host: for another they are taken away.
    Raises StillWired, registry.NoSuchDriver, and DriverError for an endpoint or a profile that does not work.
    """
    check_profile(driver=driver, profile=profile)
    _require_unwired(manager)
    tried = copy.copy(manager)
    _take_over(tried, driver, endpoint, profile)
    with trying(tried, credentials=credentials) as candidate:
        devices = len(candidate.inventory().devices)
    return write_driver(
        manager=manager,
        driver=driver,
        endpoint=endpoint,
        profile=profile,
        credentials=credentials,
        is_same_fabric=False,
    ), devices


@transaction.atomic
def write_driver(
    *,
    manager: FabricManager,
    driver: str,
    endpoint: str,
    profile: Mapping[str, Any],
    credentials: Credentials | None = None,
    is_same_fabric: bool = True,
) -> FabricManager:
    """Without asking the service. Looked at under the lock: a node may have been opened while the service was asked.

    The same fabric at another address keeps its nodes and its driver's notes, as long as its driver is the same. Raises
    StillWired.
    """
    move_generation(pool_ids=[manager.pool_id])  # whether cards can be cut and capped may be another matter now
    locked = FabricManager.objects.select_for_update(no_key=True).get(id=manager.pk)
    if locked.driver != driver or not is_same_fabric:
        _require_unwired(locked)
        locked.listed_at, locked.events_cursor = None, ""  # its first listing says which hardware there is
    if locked.driver != driver:
        locked.notes.all().delete()
        locked.seen_blocks.all().delete()
    _take_over(locked, driver, endpoint, profile)
    locked.save(update_fields=["driver", "endpoint", "profile", "sealed_credentials", "listed_at", "events_cursor"])
    if credentials is not None:
        set_credentials(manager=locked, user=credentials.user, password=credentials.password)
    return locked


def _take_over(manager: FabricManager, driver: str, endpoint: str, profile: Mapping[str, Any]) -> None:
    if origin_of(endpoint) != origin_of(manager.endpoint):
        manager.sealed_credentials = ""
    manager.driver, manager.endpoint, manager.profile = driver, endpoint, dict(profile)


def _require_unwired(manager: FabricManager) -> None:
    wired = Composition.objects.filter(fabric_manager=manager).exclude(state=CompositionState.CLOSED).count()
    if wired:
        raise StillWired(f"{wired} nodes are composed through {manager.code}; release them first.")
