"""What operators do to chosen rows: asked twice, done through the services, told in the journal."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from fabric.drivers.emulator.faults import FaultKind, set_fault
from fabric.models import Host, Pool, ResourceBlock
from fabric.services.drivers import driver_for, emulator_path_of
from portal.accounts.models import ApiToken, User
from portal.console.acts import ROWS_PER_ACT_MAX
from scheduler.models import JournalEntry, Reservation
from scheduler.states import ReservationState
from tests.portal.console.world import build, operator

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.console.urls")]


@pytest.fixture
def olga() -> Client:
    build(2)
    client = Client()
    client.force_login(operator())
    return client


def choose(client: Client, model: type[Any], action: str, rows: list[Any], **answer: str) -> Any:
    """Post the list's form, or with an answer the page that asks."""
    app, name = model._meta.app_label, model._meta.model_name
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(reverse(f"admin:{app}_{name}_changelist"), {**chosen, **answer})


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def new_entries() -> list[tuple[str, str, str, str]]:
    """Those since the world was built."""
    entries = JournalEntry.objects.exclude(actor_name="heddle").order_by("id")
    return [(entry.kind, entry.reference, entry.actor_name, entry.door) for entry in entries]


def test_the_first_post_only_asks(olga: Client) -> None:
    host = Host.objects.get(code="host-0")

    page = choose(olga, Host, "cordon", [host])

    assert page.status_code == 200
    assert "host-0" in page.content.decode()
    assert (Host.objects.filter(is_cordoned=True).count(), new_entries()) == (0, [])


def test_a_reason_is_demanded(olga: Client) -> None:
    page = choose(olga, Host, "cordon", [Host.objects.get(code="host-0")], confirmed="yes", reason="  ")

    assert "This field is required." in page.content.decode()
    assert (Host.objects.filter(is_cordoned=True).count(), new_entries()) == (0, [])


def test_cordon_goes_through_the_service_for_each(olga: Client) -> None:
    hosts = list(Host.objects.order_by("code"))

    done = choose(olga, Host, "cordon", hosts, confirmed="yes", reason="Fan is loud")

    assert done.status_code == 302
    assert told(done) == ["Cordoned: host-0", "Cordoned: host-1"]
    assert list(Host.objects.order_by("code").values_list("is_cordoned", "cordon_reason", "cordoned_by")) == [
        (True, "Fan is loud", "olga"),
        (True, "Fan is loud", "olga"),
    ]
    assert new_entries() == [
        ("unit.cordoned", "host-0", "olga", "admin"),
        ("unit.cordoned", "host-1", "olga", "admin"),
    ]


def test_doing_it_again_changes_nothing(olga: Client) -> None:
    block = ResourceBlock.objects.get(code="block-0")
    choose(olga, ResourceBlock, "cordon", [block], confirmed="yes", reason="First")

    done = choose(olga, ResourceBlock, "cordon", [block], confirmed="yes", reason="Second")

    assert told(done)[-1] == "Nothing to do: block-0"
    assert ResourceBlock.objects.get(code="block-0").cordon_reason == "First"
    assert len(new_entries()) == 1


def test_uncordon_asks_for_a_reason_too(olga: Client) -> None:
    block = ResourceBlock.objects.get(code="block-0")
    choose(olga, ResourceBlock, "cordon", [block], confirmed="yes", reason="First")

    done = choose(olga, ResourceBlock, "uncordon", [block], confirmed="yes", reason="It is quiet again")

    assert told(done)[-1] == "Uncordoned: block-0"
    assert ResourceBlock.objects.get(code="block-0").is_cordoned is False
    assert new_entries()[-1] == ("unit.uncordoned", "block-0", "olga", "admin")
    assert JournalEntry.objects.latest("id").message == "block-0 takes reservations again: It is quiet again"


def clear_blocks(client: Client) -> list[str]:
    blocks = list(ResourceBlock.objects.order_by("code"))
    return told(choose(client, ResourceBlock, "clear_quarantine", blocks, confirmed="yes", reason="Looked at it"))


@pytest.fixture
def fabric(tmp_path: Path, settings: Any, olga: Client) -> Pool:
    """The first block's pool, whose emulator shows it free; the block is in quarantine."""
    settings.HEDDLE_DATA_DIR = tmp_path
    ResourceBlock.objects.filter(code="block-0").update(state="quarantined")
    pool = Pool.objects.get(code="pool-0")
    driver_for(pool.fabric_managers.get())
    return pool


def test_a_quarantined_block_is_cleared_when_the_fabric_shows_it_free(olga: Client, fabric: Pool) -> None:
    assert clear_blocks(olga)[0] == "Offered again: block-0"
    assert ResourceBlock.objects.get(code="block-0").state == "free"
    assert new_entries() == [("block.cleared", "block-0", "olga", "admin")]


def test_while_the_fabric_cannot_be_read_nothing_is_cleared(olga: Client, fabric: Pool) -> None:
    set_fault(path=emulator_path_of(fabric), kind=FaultKind.UNREADABLE)

    assert clear_blocks(olga)[0] == "Refused: block-0. The fabric manager could not be read."
    assert ResourceBlock.objects.get(code="block-0").state == "quarantined"
    assert new_entries() == []


def test_a_quarantined_host_is_cleared(olga: Client) -> None:
    Host.objects.filter(code="host-0").update(state="quarantined")

    done = choose(
        olga, Host, "clear_quarantine", list(Host.objects.order_by("code")), confirmed="yes", reason="Looked at it"
    )

    assert told(done) == ["Offered again: host-0", "Nothing to do: host-1"]
    assert Host.objects.get(code="host-0").state == "free"
    assert new_entries() == [("block.cleared", "host-0", "olga", "admin")]


def test_force_release_ends_a_reservation_with_the_reason(olga: Client) -> None:
    reservation = Reservation.objects.get(code="r-first")

    done = choose(olga, Reservation, "force_release", [reservation], confirmed="yes", reason="Rack goes down")

    reservation.refresh_from_db()
    assert told(done) == ["Force-released: r-first"]
    assert reservation.state == ReservationState.CANCELLED
    assert reservation.state_reason == "An operator ended it: Rack goes down"
    assert new_entries() == [("reservation.cancelled", "r-first", "olga", "admin")]


def test_force_release_of_a_finished_one_changes_nothing(olga: Client) -> None:
    Reservation.objects.filter(code="r-0").update(state=ReservationState.ENDED)

    done = choose(
        olga, Reservation, "force_release", [Reservation.objects.get(code="r-0")], confirmed="yes", reason="Why not"
    )

    assert told(done) == ["Nothing to do: r-0"]
    assert new_entries() == []


def test_a_token_is_revoked(olga: Client) -> None:
    token = ApiToken.objects.get(name="token-0")

    choose(olga, ApiToken, "revoke", [token], confirmed="yes")

    token.refresh_from_db()
    assert token.revoked_at is not None
    assert new_entries() == [("token.revoked", "prefix-0", "olga", "admin")]


def test_too_many_at_once_are_refused(olga: Client) -> None:
    template = Host.objects.get(code="host-0")
    for number in range(ROWS_PER_ACT_MAX):
        template.pk, template.code = None, f"many-{number}"
        template.save(force_insert=True)

    done = choose(olga, Host, "cordon", list(Host.objects.all()), confirmed="yes", reason="All of them")

    assert told(done) == [f"Choose at most {ROWS_PER_ACT_MAX} at once."]
    assert Host.objects.filter(is_cordoned=True).count() == 0


def test_without_the_power_there_is_no_act(olga: Client) -> None:
    """Somebody of the staff who may look, and not operate."""
    viewer = User.objects.create_user("vera", is_staff=True)
    viewer.user_permissions.set(
        User.objects.get(username="olga").groups.get().permissions.exclude(codename="operate_pool")
    )
    vera = Client()
    vera.force_login(viewer)
    host = Host.objects.get(code="host-0")

    page = vera.get(reverse("admin:fabric_host_changelist"))
    choose(vera, Host, "cordon", [host], confirmed="yes", reason="I want to")

    assert page.status_code == 200
    assert "cordon</option>" not in page.content.decode().lower()
    assert (Host.objects.filter(is_cordoned=True).count(), new_entries()) == (0, [])
