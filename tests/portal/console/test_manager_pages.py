"""How a fabric is driven, as operators see and change it: always with a reason, and a secret is shown to nobody."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fabric.models import FabricManager
from fabric.services.credentials import credentials_of
from portal.accounts.models import User
from scheduler.models import JournalEntry
from tests.portal.console.world import build, operator

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.console.urls")]
PAGES = ("profile", "credentials")


@pytest.fixture
def olga(tmp_path: Path, settings: Any) -> Client:
    settings.HEDDLE_DATA_DIR = tmp_path
    build(1)
    client = Client()
    client.force_login(operator())
    return client


def manager() -> FabricManager:
    return FabricManager.objects.get()


def at(page: str) -> str:
    return reverse(f"admin:fabric_fabricmanager_{page}", args=[manager().pk])


def told() -> list[tuple[str, str, str]]:
    entries = JournalEntry.objects.filter(kind__startswith="fabric.").order_by("id")
    return [(entry.kind, entry.actor_name, entry.message) for entry in entries]


def test_the_page_shows_what_is_in_force_and_where_it_comes_from(olga: Client) -> None:
    FabricManager.objects.update(profile={"needs_host_off": True})

    response = olga.get(at("profile"))

    rows = {one.name: (one.value, str(one.origin)) for one in response.context["effective"]}
    assert (rows["needs_host_off"], rows["max_parallel_mutations"][1]) == ((True, "operator"), "default")
    assert "whether a host must be off while devices are attached to it" in response.content.decode()


def test_a_profile_is_changed_with_a_reason_that_is_journalled(olga: Client) -> None:
    done = olga.post(at("profile"), {"profile": '{"needs_host_off": true}', "reason": "It needs it"})

    assert (done.status_code, manager().profile) == (302, {"needs_host_off": True})
    assert told() == [("fabric.changed", "olga", "fm-0 is driven with another needs_host_off: It needs it")]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"profile": '{"needs_host_of": true}', "reason": "Why"}, "profile"),
        ({"profile": '{"needs_host_off": 7}', "reason": "Why"}, "profile"),
        ({"profile": "[1]", "reason": "Why"}, "profile"),
        ({"profile": "{", "reason": "Why"}, "profile"),
        ({"profile": '{"needs_host_off": true, "needs_host_off": true}', "reason": "Why"}, "profile"),
        ({"profile": "[" * 9_000, "reason": "Why"}, "profile"),
        ({"profile": '{"notes": "a\\u0000"}', "reason": "Why"}, "profile"),
        ({"profile": " " * 20_001, "reason": "Why"}, "profile"),
        ({"profile": "{}", "reason": " "}, "reason"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_changes(olga: Client, said: dict[str, str], field: str) -> None:
    FabricManager.objects.update(profile={"needs_host_off": False})

    answer = olga.post(at("profile"), said)

    assert (answer.status_code, list(answer.context["form"].errors)) == (400, [field])
    assert (manager().profile, told()) == ({"needs_host_off": False}, [])


def test_credentials_are_written_sealed_and_shown_nowhere(olga: Client) -> None:
    secret = "correct horse battery"

    done = olga.post(at("credentials"), {"user": "heddle", "password": secret, "reason": "New account"})

    stored = credentials_of(manager())
    assert (done.status_code, stored.user, stored.password) == (302, "heddle", secret)
    assert told() == [("fabric.changed", "olga", "fm-0 has other credentials: New account")]
    pages = [olga.get(path).content.decode() for path in (at("credentials"), at("change"), at("profile"))]
    sealed = manager().sealed_credentials
    assert [(secret in page, sealed in page, "heddle<" in page) for page in pages] == [(False, False, False)] * 3


def test_a_refused_form_does_not_give_the_password_back(olga: Client) -> None:
    answer = olga.post(at("credentials"), {"user": "", "password": "correct horse", "reason": "New"})

    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["user"])
    assert "correct horse" not in answer.content.decode()
    assert (manager().sealed_credentials, told()) == ("", [])


@pytest.mark.parametrize("page", PAGES)
def test_who_only_looks_may_not(olga: Client, page: str) -> None:
    viewer = User.objects.create_user("vera", is_staff=True)
    viewer.user_permissions.set(
        User.objects.get(username="olga").groups.get().permissions.exclude(codename="operate_pool")
    )
    vera, alice = Client(), Client()
    vera.force_login(viewer)
    alice.force_login(User.objects.get(username="alice"))

    answers = [client.post(at(page), {"reason": "x"}).status_code for client in (vera, alice, Client())]

    assert answers == [403, 302, 302]
    assert told() == []


def test_a_manager_is_edited_nowhere_else(olga: Client) -> None:
    assert olga.post(at("change"), {"is_paused": "on", "driver": "other"}).status_code == 403
    assert (manager().is_paused, manager().driver) == (False, "emulator")


def choose(olga: Client, action: str, **answer: str) -> Any:
    chosen = {"action": action, "_selected_action": [manager().pk], **answer}
    return olga.post(reverse("admin:fabric_fabricmanager_changelist"), chosen)


def test_a_fabric_is_paused_and_resumed_each_with_a_reason(olga: Client) -> None:
    choose(olga, "pause", confirmed="yes", reason="New cables")
    paused = manager()
    choose(olga, "resume", confirmed="yes", reason="Cables are in")

    assert (paused.is_paused, paused.paused_reason, paused.paused_by) == (True, "New cables", "olga")
    assert (manager().is_paused, manager().paused_reason) == (False, "")
    assert [(kind, who) for kind, who, _ in told()] == [("fabric.paused", "olga"), ("fabric.resumed", "olga")]
    assert [
        message.endswith(reason)
        for (_, _, message), reason in zip(told(), ("New cables", "Cables are in"), strict=True)
    ] == [True, True]


@pytest.mark.parametrize("action", ["pause", "resume"])
def test_neither_is_done_without_a_reason(olga: Client, action: str) -> None:
    page = choose(olga, action, confirmed="yes", reason=" ")

    assert "This field is required." in page.content.decode()
    assert (manager().is_paused, told()) == (False, [])
