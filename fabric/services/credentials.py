"""User and password of a fabric manager: sealed in its row, opened only for its driver, shown to nobody."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from fabric.drivers.base import Permanent
from fabric.drivers.credentials import Credentials
from fabric.models import FabricManager
from fabric.services import _sealing
from fabric.services._sealing import BadKeys, CannotOpen, Key

WITHOUT_PORT = {"http": 80, "https": 443}


def set_credentials(*, manager: FabricManager, user: str, password: str) -> None:
    """Seal and store them; both empty take away what is stored. Raises Permanent where there are no usable keys."""
    sealed = _sealed(manager, Credentials(user, password), _keys()[0]) if user or password else ""
    FabricManager.objects.filter(id=manager.pk).update(sealed_credentials=sealed)
    manager.sealed_credentials = sealed


def credentials_of(manager: FabricManager) -> Credentials:
    """For a driver, and nobody else. Raises Permanent for what no key opens; an operator has to give them again."""
    if not manager.sealed_credentials:
        return Credentials()
    return _opened(manager, _keys())


def origin_of(endpoint: str) -> str:
    """Scheme, host and port: whom the credentials are for. A path may change without them."""
    parts = urlsplit(endpoint)
    port = parts.port or WITHOUT_PORT.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def rotate(*, new_key: bool = False, forget_old: bool = False, also: Sequence[Callable[[], int]] = ()) -> int:
    """Seal every row with the first key, a new one if asked for; how many rows were sealed anew.

    The file knows the new key before any row needs it, and forgets the old ones after no row does. A process that runs
    reads the keys each time. `also` seal what other rooms keep, and say of how many rows. Raises Permanent where a row
    cannot be opened; then nothing is forgotten.
    """
    keys = _keys()
    try:
        if new_key:
            keys = (_sealing.new_key(), *keys)
            _sealing.replace_keys(data_dir=_data_dir(), wanted=keys)
        sealed = _sealed_anew(keys) + sum(seal() for seal in also)
        if forget_old:
            _sealing.replace_keys(data_dir=_data_dir(), wanted=keys[:1])
    except (BadKeys, CannotOpen) as error:
        raise Permanent(str(error)) from error
    return sealed


@transaction.atomic
def _sealed_anew(keys: Sequence[Key]) -> int:
    rows = FabricManager.objects.exclude(sealed_credentials="").select_for_update(no_key=True).order_by("id")
    stale = [row for row in rows if _key_id(row) != keys[0].id]
    for row in stale:
        FabricManager.objects.filter(id=row.pk).update(sealed_credentials=_sealed(row, _opened(row, keys), keys[0]))
    return len(stale)


def _sealed(manager: FabricManager, credentials: Credentials, key: Key) -> str:
    plain = json.dumps([credentials.user, credentials.password]).encode()
    return _sealing.seal(plain, key=key, belongs_to=_place(manager))


def _opened(manager: FabricManager, keys: Sequence[Key]) -> Credentials:
    try:
        user, password = json.loads(
            _sealing.opened(manager.sealed_credentials, at_hand=keys, belongs_to=_place(manager))
        )
    except CannotOpen as error:
        raise Permanent(f"The credentials of {manager.code} cannot be opened. {error} Give them again.") from error
    return Credentials(user, password)


def _place(manager: FabricManager) -> str:
    """Whoever can write rows may not have them sent elsewhere: they open for this row and this host only."""
    return f"fabric manager {manager.pk} at {origin_of(manager.endpoint)}"


def _key_id(manager: FabricManager) -> str:
    return manager.sealed_credentials.split(".")[1]


def _keys() -> tuple[Key, ...]:
    try:
        return _sealing.keys(data_dir=_data_dir())
    except BadKeys as error:
        raise Permanent(str(error)) from error


def _data_dir() -> Path:
    return Path(settings.HEDDLE_DATA_DIR)
