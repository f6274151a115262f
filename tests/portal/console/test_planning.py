"""Maintenance as operators plan it: who is in the way is shown first, and nobody is dropped without a decision."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin import site
from django.test import Client

from fabric.models import Pool
from portal.console.maintenance import MaintenanceAdmin
from portal.console.powers import operator_permissions
from scheduler.models import JournalEntry, Maintenance, Reservation
from tests.portal.cast import H100, L40S, Cast, wish
from tests.portal.web.world import booked

PATH = "/admin/scheduler/maintenance/plan/"


@pytest.fixture
def olga(people: Cast) -> Client:
    people.olga.user_permissions.set(operator_permissions())
    return people.browser("olga")


def said(**changed: str) -> dict[str, str]:
    """From noon to four in Berlin, which is from ten to two."""
    return {
        "pool": "lab",
        "scope": "host",
        "target": "host-01",
        "starts_at": "2030-05-13T12:00",
        "ends_at": "2030-05-13T16:00",
        "reason": "New fans",
        **changed,
    }


def decided(olga: Client, **changed: str) -> Any:
    """What the page with the preview sends back, as it was shown, with these choices."""
    page = olga.post(PATH, said(**changed))
    assert page.status_code == 200
    text = page.content.decode()
    mark = re.search(r'name="seen" value="([^"]*)"', text)
    chosen = {row.field: next(one.value for one in row.choices if one.is_chosen) for row in page.context["rows"]}
    return {**said(**changed), **chosen, "seen": mark[1] if mark else "", "action": "plan"}


def on_host_of(reservation: Reservation) -> dict[str, str]:
    return {"target": reservation.plan["nodes"][0]["host"]}


def errors_of(response: Any) -> dict[str, list[str]]:
    return {name: list(errors) for name, errors in response.context["form"].errors.items()}


def test_nobody_is_in_the_way_and_it_is_planned_in_the_pools_own_time(olga: Client) -> None:
    page = olga.post(PATH, said())

    assert "Nobody: no reservation holds any of it in that time." in page.content.decode()
    assert not Maintenance.objects.exists()
    answer = olga.post(PATH, decided(olga))
    made = Maintenance.objects.get()
    assert (answer.status_code, made.scope, made.target, made.reason) == (302, "host", "host-01", "New fans")
    assert (made.starts_at.isoformat(), made.ends_at.isoformat()) == (
        "2030-05-13T10:00:00+00:00",
        "2030-05-13T14:00:00+00:00",
    )
    entry = JournalEntry.objects.get(kind="maintenance.planned")
    assert (entry.actor_name, entry.door, "New fans" in entry.message) == ("olga", "admin", True)


def test_who_is_in_the_way_is_shown_with_what_each_could_become(olga: Client, people: Cast) -> None:
    reservation = booked(people.alice, mix=wish(1, L40S)["mix"])

    page = olga.post(PATH, said(**on_host_of(reservation)))

    (row,) = page.context["rows"]
    assert (row.code, row.state, row.units) == (reservation.code, "Confirmed", on_host_of(reservation)["target"])
    assert [choice.value for choice in row.choices] == ["move", "cancel", "keep"]
    assert [choice.value for choice in row.choices if choice.is_chosen] == ["move"]
    assert not Maintenance.objects.exists()


def test_a_move_that_was_decided_is_made_and_told(olga: Client, people: Cast) -> None:
    reservation = booked(people.alice, mix=wish(1, L40S)["mix"])
    before = on_host_of(reservation)

    answer = olga.post(PATH, decided(olga, **before))

    reservation.refresh_from_db()
    assert (answer.status_code, reservation.state) == (302, "confirmed")
    assert on_host_of(reservation) != before
    assert JournalEntry.objects.filter(kind="reservation.moved", reservation=reservation).count() == 1


def test_a_cancel_that_was_decided_carries_the_reason(olga: Client, people: Cast) -> None:
    reservation = booked(people.alice, mix=wish(1, L40S)["mix"])
    form = decided(olga, **on_host_of(reservation)) | {f"decision-{reservation.code}": "cancel"}

    olga.post(PATH, form)

    reservation.refresh_from_db()
    assert (reservation.state, "New fans" in reservation.state_reason) == ("cancelled", True)


def test_without_a_preview_nothing_is_done(olga: Client) -> None:
    page = olga.post(PATH, {**said(), "action": "plan"})

    assert (page.status_code, page.context["is_preview"]) == (200, True)
    assert not Maintenance.objects.exists()


def test_who_changes_what_it_is_about_is_shown_another_preview(olga: Client, people: Cast) -> None:
    form = decided(olga) | {"target": "host-02"}

    page = olga.post(PATH, form)

    assert (page.status_code, page.context["is_preview"]) == (200, True)
    assert not Maintenance.objects.exists()


def test_who_cannot_be_moved_is_decided_about_by_hand(olga: Client, people: Cast) -> None:
    """All eight H100 are booked: no other eight are there."""
    reservation = booked(people.alice, mix=wish(8, H100)["mix"])
    (block, *_) = reservation.plan["nodes"][0]["blocks"]
    form = decided(olga, scope="block", target=block)
    assert form[f"decision-{reservation.code}"] == ""

    refused = olga.post(PATH, form)
    kept = olga.post(PATH, form | {f"decision-{reservation.code}": "cancel"})

    assert (refused.status_code, errors_of(refused)) == (
        400,
        {"__all__": ["Decide for each reservation what becomes of it."]},
    )
    reservation.refresh_from_db()
    assert (kept.status_code, reservation.state, Maintenance.objects.count()) == (302, "cancelled", 1)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"target": "host-99"}, "target"),
        ({"ends_at": "2030-05-13T11:00"}, "ends_at"),
        ({"starts_at": "soon"}, "starts_at"),
        ({"starts_at": "2030-03-31T02:30"}, "starts_at"),
        ({"ends_at": "2030-10-27T02:30"}, "fold"),
        ({"scope": "room"}, "scope"),
        ({"pool": "moon"}, "pool"),
        ({"reason": " "}, "reason"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(olga: Client, changed: dict[str, str], field: str) -> None:
    answer = olga.post(PATH, said(**changed))

    assert (answer.status_code, list(errors_of(answer))) == (400, [field])
    assert not Maintenance.objects.exists()


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (13, "Sun 13 Oct 2030, 23:30 – Mon 14 Oct, 05:30 CEST"),
        (26, "Sat 26 Oct 2030, 23:30 CEST – Sun 27 Oct, 04:30 CET"),
    ],
)
def test_a_night_in_which_the_clocks_change_names_both_times(day: int, told: str) -> None:
    begin = datetime(2030, 10, day, 21, 30, tzinfo=UTC)
    one = Maintenance(pool=Pool(time_zone="Europe/Berlin"), starts_at=begin, ends_at=begin + timedelta(hours=6))

    assert MaintenanceAdmin(Maintenance, site).window(one) == told


def test_it_is_called_off_with_a_reason(olga: Client) -> None:
    olga.post(PATH, decided(olga))
    made = Maintenance.objects.get()

    chosen = {"action": "call_off", "_selected_action": [made.pk], "confirmed": "yes", "reason": "No fans came"}
    olga.post("/admin/scheduler/maintenance/", chosen)

    made.refresh_from_db()
    assert made.is_cancelled
    assert JournalEntry.objects.get(kind="maintenance.cancelled").message.endswith("No fans came")


@pytest.mark.parametrize("name", ["alice", "vera"])
def test_others_may_not_plan(people: Cast, name: str) -> None:
    assert people.browser(name).post(PATH, said()).status_code == 302
    assert not Maintenance.objects.exists()


def test_staff_without_the_power_may_not_plan(people: Cast) -> None:
    people.vera.is_staff = True
    people.vera.save(update_fields=["is_staff"])

    assert people.browser("vera").post(PATH, said()).status_code == 403
