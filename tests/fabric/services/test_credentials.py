"""User and password of a fabric manager: sealed in its row, for its host only, and their keys can be changed."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from fabric.drivers.base import Permanent
from fabric.drivers.credentials import Credentials
from fabric.models import FabricManager
from fabric.services._sealing import new_key
from fabric.services.credentials import credentials_of, origin_of, set_credentials
from fabric.services.sync import sync_pool_file

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OURS = Credentials("heddle", "hunter2-ünï")


@pytest.fixture
def manager(db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FabricManager:
    settings.HEDDLE_DATA_DIR = tmp_path
    monkeypatch.delenv("HEDDLE_FABRIC_KEYS", raising=False)
    pool = sync_pool_file(path_or_name="lab", now=NOW)
    FabricManager.objects.update(endpoint="https://fabric.example/redfish/v1")
    return FabricManager.objects.get(pool=pool)


@pytest.fixture
def sealed(manager: FabricManager) -> FabricManager:
    set_credentials(manager=manager, user=OURS.user, password=OURS.password)
    return FabricManager.objects.get(id=manager.pk)


def rotated(*arguments: str) -> str:
    out = StringIO()
    call_command("rotate_credentials", *arguments, stdout=out)
    return out.getvalue().strip()


def keys_in(folder: Path) -> list[str]:
    return (folder / "fabric-keys").read_text(encoding="ascii").split()


def test_they_are_sealed_in_the_row_and_opened_for_the_driver(sealed: FabricManager) -> None:
    assert credentials_of(sealed) == OURS
    assert OURS.user not in sealed.sealed_credentials
    assert OURS.password not in sealed.sealed_credentials


def test_a_manager_without_any_has_none_and_empty_ones_take_them_away(sealed: FabricManager) -> None:
    set_credentials(manager=sealed, user="", password="")
    sealed.refresh_from_db()

    assert (sealed.sealed_credentials, credentials_of(sealed)) == ("", Credentials())


def test_in_another_row_or_for_another_host_they_do_not_open(sealed: FabricManager) -> None:
    other = FabricManager.objects.create(
        pool=sealed.pool, code="other", endpoint=sealed.endpoint, sealed_credentials=sealed.sealed_credentials
    )
    FabricManager.objects.filter(id=sealed.pk).update(endpoint="https://evil.example/redfish/v1")
    sealed.refresh_from_db()

    for manager in (other, sealed):
        with pytest.raises(Permanent, match="cannot be opened"):
            credentials_of(manager)


def test_another_path_of_the_same_host_is_the_same_place(sealed: FabricManager) -> None:
    sealed.endpoint = "https://Fabric.example:443/other"

    assert credentials_of(sealed) == OURS
    assert origin_of("https://fabric.example") == "https://fabric.example:443"
    assert origin_of("http://127.0.0.1:8001/x") == "http://127.0.0.1:8001"
    assert origin_of("") == "://:0"


def test_a_new_key_seals_all_and_the_old_one_is_forgotten(sealed: FabricManager, tmp_path: Path) -> None:
    before, old = sealed.sealed_credentials, keys_in(tmp_path)
    told = rotated("--new-key")
    between = keys_in(tmp_path)
    sealed.refresh_from_db()

    assert (told, between[1:], len(between)) == ("1 sealed with another key than before.", old, 2)
    assert (credentials_of(sealed), sealed.sealed_credentials != before) == (OURS, True)


@pytest.mark.django_db(transaction=True)
def test_the_old_keys_go_when_no_row_needs_them(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HEDDLE_DATA_DIR = tmp_path
    monkeypatch.delenv("HEDDLE_FABRIC_KEYS", raising=False)
    manager = FabricManager.objects.get(pool=sync_pool_file(path_or_name="lab", now=NOW))
    set_credentials(manager=manager, user=OURS.user, password=OURS.password)
    old = keys_in(tmp_path)

    rotated("--new-key", "--forget-old")
    kept = keys_in(tmp_path)
    again = rotated()
    manager.refresh_from_db()

    assert (len(kept), kept == old) == (1, False)
    assert (again, credentials_of(manager)) == ("0 sealed with another key than before.", OURS)


def test_keys_of_the_environment_are_rotated_there(
    sealed: FabricManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = keys_in(tmp_path)[0], new_key()
    monkeypatch.setenv("HEDDLE_FABRIC_KEYS", f"{new.text},{old}")
    with pytest.raises(CommandError, match="HEDDLE_FABRIC_KEYS"):
        rotated("--new-key")
    told = rotated()
    monkeypatch.setenv("HEDDLE_FABRIC_KEYS", new.text)
    sealed.refresh_from_db()

    assert (told, credentials_of(sealed)) == ("1 sealed with another key than before.", OURS)


def test_a_lost_key_says_what_to_do(sealed: FabricManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDDLE_FABRIC_KEYS", new_key().text)

    with pytest.raises(Permanent, match="Give them again"):
        credentials_of(sealed)
    with pytest.raises(CommandError, match="not among those at hand"):
        rotated()
