"""An operator changes how a fabric is driven: what drives it, what is overlaid on that, and who we are to it.

Every change has a reason and stands in the journal; a secret stands nowhere but sealed in its row.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from fabric.drivers.base import DriverError
from fabric.drivers.credentials import Credentials
from fabric.drivers.profiles import WrongProfile
from fabric.drivers.registry import NoSuchDriver
from fabric.models import FabricManager
from fabric.services.credentials import credentials_of, set_credentials
from fabric.services.drivers import check_profile
from fabric.services.generation import move_generation
from fabric.services.name_driver import StillWired, name_driver
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor


@transaction.atomic
def change_credentials(
    *, manager: FabricManager, user: str, password: str, by: Actor, now: datetime, reason: str
) -> bool:
    """Whether they are others than before; both empty take them away. The fabric is not asked: it may be down.

    Raises Invalid for one without the other, and where there are no usable keys to seal them with.
    """
    if password and not user:
        raise Invalid([FieldError("user", "required", "A password needs the name of its user.")])
    locked = FabricManager.objects.select_for_update(no_key=True).get(id=manager.pk)
    if _stored(locked) == Credentials(user, password):
        return False
    try:
        set_credentials(manager=locked, user=user, password=password)
    except DriverError as error:
        raise Invalid([FieldError("password", "invalid", str(error))]) from error
    told = "has other credentials" if user else "has no credentials any more"
    _record(locked, f"{locked.code} {told}", by, now, reason, {"changed": ["credentials"]})
    return True


@transaction.atomic
def change_profile(
    *, manager: FabricManager, profile: Mapping[str, Any], by: Actor, now: datetime, reason: str
) -> bool:
    """Whether it is another than before. Raises Invalid, which names each key and its remedy."""
    move_generation(pool_ids=[manager.pool_id])
    locked = FabricManager.objects.select_for_update(no_key=True).get(id=manager.pk)
    before = dict(locked.profile)
    if before == dict(profile):
        return False
    _check(locked.driver, profile)
    FabricManager.objects.filter(id=locked.pk).update(profile=dict(profile))
    names = sorted(key for key in {*before, *profile} if before.get(key) != profile.get(key))
    facts = {"changed": ["profile"], "keys": names}
    _record(locked, f"{locked.code} is driven with another {', '.join(names)}", by, now, reason, facts)
    return True


def change_driver(
    *,
    manager: FabricManager,
    driver: str,
    endpoint: str,
    profile: Mapping[str, Any],
    by: Actor,
    now: datetime,
    reason: str,
    credentials: Credentials | None = None,
) -> int:
    """How many devices the service shows, which is asked first; credentials stay with their host.

    Raises Invalid where something is composed, and for a driver, an endpoint or a profile that does not work.
    """
    _check(driver, profile)
    try:
        named, devices = name_driver(
            manager=manager, driver=driver, endpoint=endpoint, profile=profile, credentials=credentials
        )
    except (StillWired, DriverError) as error:
        raise Invalid([FieldError("driver", "invalid", str(error))]) from error
    message = f"{named.code} is driven by {named.driver} at {named.endpoint or 'no endpoint'}"
    with transaction.atomic():
        _record(named, message, by, now, reason, {"changed": ["driver"], "driver": driver, "endpoint": endpoint})
    return devices


def _check(driver: str, profile: Mapping[str, Any]) -> None:
    try:
        check_profile(driver=driver, profile=profile)
    except WrongProfile as wrong:
        raise Invalid([FieldError(f"profile.{key}", "invalid", told) for key, told in wrong.problems]) from wrong
    except NoSuchDriver as wrong:
        raise Invalid([FieldError("driver", "unknown", str(wrong))]) from wrong


def _stored(manager: FabricManager) -> Credentials | None:
    """None for what no key opens any more: anything is a change then."""
    try:
        return credentials_of(manager)
    except DriverError:
        return None


def _record(
    manager: FabricManager, message: str, by: Actor, now: datetime, reason: str, facts: Mapping[str, Any]
) -> None:
    journal.record(
        kind=JournalKind.FABRIC_CHANGED,
        message=f"{message}: {reason}",
        by=by,
        now=now,
        pool=manager.pool,
        reference=manager.code,
        facts={**facts, "reason": reason},
    )
