"""Check in from the page or by a program: the time that is left is shown, and both doors answer alike."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from portal.accounts.models import User
from scheduler.models import JournalEntry, Membership, Reservation
from scheduler.states import ProjectRole
from tests.portal.web.test_swap import browse, program
from tests.scheduler.conftest import house  # noqa: F401 - the same house
from tests.scheduler.services.house import L40S, MONDAY, House

TEN = MONDAY + timedelta(hours=2)


@pytest.fixture
def ahead(house: House) -> Reservation:  # noqa: F811 - pytest's way to name a fixture
    """Booked for ten, in use; it is half past ten minus whatever composing took."""
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())
    house.clock.now = TEN
    house.settle()
    reservation.refresh_from_db()
    return reservation


def path(reservation: Reservation) -> str:
    return f"/reservations/{reservation.code}/"


def test_the_page_shows_the_time_that_is_left_and_the_button_does_it(
    house: House,  # noqa: F811
    ahead: Reservation,
) -> None:
    due_at = ahead.check_in_due_at
    assert due_at is not None

    with time_machine.travel(due_at - timedelta(minutes=10), tick=False):
        browser = browse(house)
        shown = browser.get(path(ahead))
        done = browser.post(f"{path(ahead)}check-in/")
        after = browser.get(path(ahead))

    view = shown.context["it"].check_in
    assert (view.at, view.words.replace("\u00a0", " "), view.may_act) == (due_at, "in 10 min", True)
    assert 'id="do-check-in"' in shown.content.decode()
    assert (done.status_code, done.headers["Location"]) == (302, path(ahead))
    assert after.context["it"].check_in is None
    assert "Checked in. It is yours until its window closes." in after.content.decode()
    assert JournalEntry.objects.get(kind="reservation.checked_in").door == "web"


def test_a_viewer_is_told_and_has_no_button(house: House, ahead: Reservation) -> None:  # noqa: F811
    vera = User.objects.create_user("vera")
    Membership.objects.create(project=ahead.project, user=vera, role=ProjectRole.VIEWER)

    with time_machine.travel(house.clock.now, tick=False):
        browser = Client()
        browser.force_login(vera)
        html = browser.get(path(ahead)).content.decode()
        refused = browser.post(f"{path(ahead)}check-in/").status_code

    assert ('id="check-in"' in html, 'id="do-check-in"' in html, refused) == (True, False, 403)


def test_a_program_sees_until_when_and_does_it_once(house: House, ahead: Reservation) -> None:  # noqa: F811
    with time_machine.travel(house.clock.now, tick=False):
        caller = program(house)
        before = caller.get(f"reservations/{ahead.code}/").json()
        stale = caller.post(f"reservations/{ahead.code}/check-in/", {}, If_Match='"1"')
        first = caller.post(f"reservations/{ahead.code}/check-in/", {}, If_Match=f'"{ahead.version}"')
        again = caller.post(f"reservations/{ahead.code}/check-in/")

    assert ahead.check_in_due_at is not None
    assert before["verbs"] == ["check-in", *first.json()["verbs"]]
    assert before["check_in_due_at"] == ahead.check_in_due_at.isoformat().replace("+00:00", "Z")
    assert (before["checked_in_at"], stale.status_code, stale.json()["code"]) == (None, 412, "STALE")
    assert (first.status_code, "check-in" in first.json()["verbs"]) == (200, False)
    assert first.json()["checked_in_at"] == house.clock.now.isoformat().replace("+00:00", "Z")
    assert (again.status_code, again.json()["version"]) == (200, first.json()["version"])


def test_both_doors_refuse_it_where_it_is_not_in_use(house: House, ahead: Reservation) -> None:  # noqa: F811
    with time_machine.travel(house.clock.now, tick=False):
        browser, caller = browse(house), program(house)
        for state in ("held", "confirmed", "composing", "releasing", "ended", "cancelled", "failed"):
            Reservation.objects.filter(pk=ahead.pk).update(state=state)

            page = browser.post(f"{path(ahead)}check-in/")
            call = caller.post(f"reservations/{ahead.code}/check-in/", {}).json()

            words = f"A reservation that is {state} cannot be changed by “check-in”."
            assert (page.status_code, page.context["trouble"]) == (409, words)
            assert [call[name] for name in ("status", "code", "detail", "state")] == [409, "WRONG_STATE", words, state]
    assert Reservation.objects.get().checked_in_at is None


def test_what_is_no_field_is_refused(house: House, ahead: Reservation) -> None:  # noqa: F811
    with time_machine.travel(house.clock.now, tick=False):
        refused = program(house).post(f"reservations/{ahead.code}/check-in/", {"reason": "x"})

    assert (refused.status_code, [error["field"] for error in refused.json()["errors"]]) == (400, ["reason"])


def test_who_was_told_that_it_is_idle_keeps_it_for_now(house: House, ahead: Reservation) -> None:  # noqa: F811
    """It can be told again, and then be released."""
    now = house.clock.now
    Reservation.objects.filter(pk=ahead.pk).update(checked_in_at=now, idle_since=now, idle_warned_at=now)

    with time_machine.travel(now, tick=False):
        browser = browse(house)
        asked = browser.get(f"{path(ahead)}check-in/").content.decode()
        browser.post(f"{path(ahead)}check-in/")
        after = browser.get(path(ahead)).content.decode()

    assert "It is then kept for now: if its devices stay idle, you are told again." in asked
    assert "Checked in. It is yours for now." in after
    entry = JournalEntry.objects.get(kind="reservation.checked_in")
    assert entry.message == f"{house.alice.username} checked in: it is kept for now."
