"""An operator changes how a fabric is driven: with a reason, in the journal, and no secret in it."""

from typing import Any

import pytest

from fabric.drivers.credentials import Credentials
from fabric.models import FabricManager
from fabric.services.credentials import credentials_of
from scheduler.models import JournalEntry
from scheduler.refusals import Invalid
from scheduler.requests import Actor
from scheduler.services.fabric_settings import change_credentials, change_driver, change_profile
from tests.scheduler.services.house import L40S, MONDAY, House

OLGA = Actor(name="olga", user_id=None, door="admin")
WHY: dict[str, Any] = {"by": OLGA, "now": MONDAY, "reason": "a new service account"}
CANARY = "canary-8c1f-secret"


@pytest.fixture
def manager(house: House) -> FabricManager:
    return FabricManager.objects.get(pool=house.pool)


def told() -> list[tuple[str, str, str]]:
    found = JournalEntry.objects.filter(kind="fabric.changed").order_by("id")
    return [(entry.message, entry.reference, entry.actor_name) for entry in found]


def test_credentials_are_changed_once_and_the_journal_does_not_know_them(manager: FabricManager) -> None:
    changed = [change_credentials(manager=manager, user="heddle", password=CANARY, **WHY) for _ in range(2)]
    stored = credentials_of(FabricManager.objects.get(id=manager.pk))
    taken = change_credentials(manager=manager, user="", password="", **WHY)

    assert (changed, stored, taken) == ([True, False], Credentials("heddle", CANARY), True)
    assert told() == [
        (f"{manager.code} has other credentials: a new service account", manager.code, "olga"),
        (f"{manager.code} has no credentials any more: a new service account", manager.code, "olga"),
    ]
    assert FabricManager.objects.get(id=manager.pk).sealed_credentials == ""
    assert CANARY not in str(list(JournalEntry.objects.values()))


def test_a_password_needs_a_user(manager: FabricManager) -> None:
    with pytest.raises(Invalid) as invalid:
        change_credentials(manager=manager, user="", password=CANARY, **WHY)

    assert [error.field for error in invalid.value.errors] == ["user"]
    assert CANARY not in str(invalid.value)


def test_without_a_usable_key_nothing_is_stored(manager: FabricManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDDLE_FABRIC_KEYS", "change-me")

    with pytest.raises(Invalid, match="not 32 bytes in base64") as invalid:
        change_credentials(manager=manager, user="heddle", password=CANARY, **WHY)

    assert CANARY not in str(invalid.value)
    assert (FabricManager.objects.get(id=manager.pk).sealed_credentials, told()) == ("", [])


def test_a_profile_is_changed_and_the_journal_says_which_keys(manager: FabricManager) -> None:
    wanted = {"max_parallel_mutations": 2, "needs_host_off": True}
    changed = [change_profile(manager=manager, profile=wanted, **WHY) for _ in range(2)]

    assert changed == [True, False]
    assert FabricManager.objects.get(id=manager.pk).profile == wanted
    message = f"{manager.code} is driven with another max_parallel_mutations, needs_host_off: a new service account"
    assert told() == [(message, manager.code, "olga")]


def test_a_wrong_profile_changes_nothing_and_names_every_key(manager: FabricManager) -> None:
    with pytest.raises(Invalid) as invalid:
        change_profile(manager=manager, profile={"blocks_mx": 4, "blocks_max": "many"}, **WHY)

    assert [(error.field, error.message) for error in invalid.value.errors] == [
        ("profile.blocks_mx", "The profile has no blocks_mx; is blocks_max meant?"),
        ("profile.blocks_max", "The profile's blocks_max cannot be 'many': it is a whole number of 0 or more."),
    ]
    assert (FabricManager.objects.get(id=manager.pk).profile, told()) == ({}, [])


def test_a_driver_is_named_only_where_it_works_and_nothing_is_composed(house: House, manager: FabricManager) -> None:
    def named(driver: str, endpoint: str = "") -> int:
        return change_driver(manager=manager, driver=driver, endpoint=endpoint, profile={}, **WHY)

    with pytest.raises(Invalid, match="no driver 'telepathy'"):
        named("telepathy")
    with pytest.raises(Invalid, match="begins with https"):
        named("redfish", "fabric.example")
    shown = named("emulator")
    house.book({L40S: 1})
    house.settle()
    with pytest.raises(Invalid, match="1 nodes are composed"):
        named("emulator")

    assert shown == 36
    assert told() == [
        (f"{manager.code} is driven by emulator at no endpoint: a new service account", manager.code, "olga")
    ]
