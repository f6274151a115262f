"""A PRU, a rack or a zone taken out of new plans whole: who holds some of it is said before it is done."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from fabric.models import Host, Rack, ResourceBlock, Zone
from portal.console.powers import operator_permissions
from scheduler.models import JournalEntry, Reservation
from tests.portal.cast import H100, L40S, Cast, wish
from tests.portal.web.world import booked


@pytest.fixture
def olga(people: Cast) -> Client:
    people.olga.user_permissions.set(operator_permissions())
    return people.browser("olga")


def choose(olga: Client, row: Any, action: str, **answer: str) -> Any:
    path = f"/admin/fabric/{row._meta.model_name}/"
    return olga.post(path, {"action": action, "_selected_action": [row.pk], **answer})


def told(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def host_of(reservation: Reservation) -> Host:
    reservation.refresh_from_db()
    return Host.objects.get(code=reservation.plan["nodes"][0]["host"])


def test_who_holds_some_of_it_is_said_before_a_reason_is_given(olga: Client, people: Cast) -> None:
    reservation = booked(people.alice, mix=wish(1, L40S)["mix"])
    rack = host_of(reservation).rack

    page = choose(olga, rack, "cordon_all").content.decode()
    other = choose(olga, Zone.objects.order_by("code").last(), "cordon_all").content.decode()

    line = f"{reservation.code} of team-chat, confirmed, 2030-05-13 10:00 to 2030-05-13 12:00 UTC"
    assert (line in page, line in other or "Nobody holds any of it" in other) == (True, True)
    assert not Host.objects.filter(is_cordoned=True).exists()


def test_a_rack_is_cordoned_whole_with_one_reason_and_back_again(olga: Client) -> None:
    rack = Rack.objects.order_by("code").first()
    assert rack is not None
    units = rack.hosts.count() + ResourceBlock.objects.filter(pru__rack=rack).count()
    units += ResourceBlock.objects.filter(fixed_host__rack=rack).count()

    done = choose(olga, rack, "cordon_all", confirmed="yes", reason="Water")

    assert told(done) == [f"Cordoned: {rack.code}. {units}\u00a0units."]
    cordoned = Host.objects.filter(is_cordoned=True).count() + ResourceBlock.objects.filter(is_cordoned=True).count()
    assert cordoned == units
    back = choose(olga, rack, "uncordon_all", confirmed="yes", reason="Dry again")
    assert told(back)[-1] == f"Uncordoned: {rack.code}. {units}\u00a0units."
    entries = JournalEntry.objects.filter(kind__startswith="unit.").order_by("id")
    assert [(one.kind, one.reference, one.actor_name) for one in entries] == [
        ("unit.cordoned", rack.code, "olga"),
        ("unit.uncordoned", rack.code, "olga"),
    ]
    assert [one.message.rpartition(": ")[2] for one in entries] == ["Water", "Dry again"]


def test_who_has_not_begun_moves_off_a_host_and_reads_why(olga: Client, people: Cast) -> None:
    reservation = booked(people.alice, mix=wish(1, L40S)["mix"])
    host = host_of(reservation)

    done = choose(olga, host, "vacate", confirmed="yes", reason="Its fan is loud")

    assert told(done) == [f"Cordoned: {host.code}. 1\u00a0unit cordoned. Moved: {reservation.code}."]
    assert host_of(reservation) != host
    moved = JournalEntry.objects.get(kind="reservation.moved", reservation=reservation)
    assert "Its fan is loud" in moved.message


def test_for_whom_there_is_nothing_else_is_named_and_keeps_it(olga: Client, people: Cast) -> None:
    """All eight H100 of the pool are booked."""
    reservation = booked(people.alice, mix=wish(8, H100)["mix"])
    before = reservation.plan
    block = ResourceBlock.objects.get(code=before["nodes"][0]["blocks"][0])

    done = choose(olga, block, "vacate", confirmed="yes", reason="It is hot")

    reservation.refresh_from_db()
    assert told(done) == [f"Cordoned: {block.code}. 1\u00a0unit cordoned. Not moved: {reservation.code}."]
    assert (reservation.state, reservation.plan["nodes"]) == ("confirmed", before["nodes"])


def test_the_page_of_a_thing_leads_to_planning_its_maintenance(olga: Client, people: Cast) -> None:
    block = ResourceBlock.objects.get(code="pru-01-s01")

    page = olga.get(f"/admin/fabric/resourceblock/{block.pk}/change/").content.decode()

    link = "/admin/scheduler/maintenance/plan/?pool=lab&scope=block&target=pru-01-s01"
    assert link.replace("&", "&amp;") in page
    form = olga.get(link).context["form"]
    assert [form[name].value() for name in ("pool", "scope", "target")] == ["lab", "block", "pru-01-s01"]
